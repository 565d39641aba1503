#pragma once
// Quantiles that intervals and thresholds are made of. Accurate to about 1e-9; slow (microseconds), not for updates.

namespace triage::statistics {

/// Of the standard normal distribution; `probability` in (0,1).
double normal_quantile(double probability);

/// Of Student's t with `degrees` > 0 of freedom; `probability` in (0,1).
double student_quantile(double probability, double degrees);

/// Of the chi-square distribution with `degrees` > 0 of freedom; `probability` in (0,1).
double chi_square_quantile(double probability, double degrees);

/// P(X <= x) for X chi-square with `degrees` of freedom.
double chi_square_probability(double x, double degrees);

/// P(X <= x) for X with Student's t with `degrees` of freedom.
double student_probability(double x, double degrees);

}  // namespace triage::statistics

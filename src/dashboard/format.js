// Numbers, money and times in words.

export const whole = new Intl.NumberFormat('en-GB');

export function count(value) {
  if (value === null || value === undefined) return '–';
  if (Math.abs(value) < 100000) return whole.format(Math.round(value));
  return new Intl.NumberFormat('en-GB', {notation: 'compact', maximumFractionDigits: 2}).format(value);
}

export function usd(nano, digits) {
  if (nano === null || nano === undefined) return 'unknown';
  return dollars(nano / 1e9, digits);
}

export function dollars(value, digits) {
  if (value === null || value === undefined) return 'unknown';
  const size = Math.abs(value);
  if (size === 0) return '$0';
  const places = digits ?? (size === 0 ? 2 : size >= 100 ? 0 : size >= 1 ? 2 : size >= 0.01 ? 4 : 6);
  return (value < 0 ? '−$' : '$') + size.toLocaleString('en-GB', {minimumFractionDigits: places, maximumFractionDigits: places});
}

export function percent(share, places) {
  if (share === null || share === undefined || !Number.isFinite(share)) return '–';
  const value = share * 100;
  return value.toFixed(places ?? (Math.abs(value) < 10 && value !== 0 ? 1 : 0)).replace('-', '−') + ' %';
}

export function ms(value) {
  if (value === null || value === undefined) return '–';
  if (value === 0) return '0 ms';
  if (value < 1) return value.toFixed(2) + ' ms';
  if (value < 1000) return Math.round(value) + ' ms';
  return (value / 1000).toFixed(value < 10000 ? 2 : 1) + ' s';
}

export const fixed = (value, places = 3) => (value === null || value === undefined ? '–' : value.toFixed(places).replace('-', '−'));

export function when(unixMs) {
  const time = new Date(unixMs);
  const today = new Date().toDateString() === time.toDateString();
  const clock = time.toLocaleTimeString('en-GB');
  return today ? clock : `${time.toLocaleDateString('en-GB', {day: 'numeric', month: 'short'})} ${clock}`;
}

export function ago(unixMs) {
  const seconds = Math.max(0, (Date.now() - unixMs) / 1000);
  if (seconds < 60) return `${Math.round(seconds)} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} days ago`;
}

export function span(ms) {
  const seconds = ms / 1000;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86400).toFixed(1)} days`;
}

/// A recorded prompt as [{role, text}]: JSON of messages, or its beginning.
export function messages(prompt) {
  let list = null;
  try {
    list = JSON.parse(prompt);
  } catch {
    const cut = /^\s*\[\s*\{.*"content"\s*:\s*"((?:[^"\\]|\\.)*)/s.exec(prompt);
    return [{role: null, text: cut ? cut[1].replace(/\\n/g, ' ').replace(/\\(["\\/])/g, '$1') : prompt}];
  }
  if (typeof list === 'string') return [{role: null, text: list}];
  if (!Array.isArray(list)) return [{role: null, text: prompt}];
  const part = each => (typeof each === 'string' ? each : each?.text ?? JSON.stringify(each));
  return list.map(each => ({role: each?.role ?? null, text: Array.isArray(each?.content) ? each.content.map(part).join('\n') : typeof each?.content === 'string' ? each.content : part(each)}));
}

/// What was asked last.
export const question = prompt => (prompt ? messages(prompt).at(-1)?.text ?? '' : '');

export const name = value => (value === null || value === undefined || value === '' ? '(none)' : String(value));

// What a route would do with a prompt, what its thresholds are worth, and what another policy would have done.
import {h, card, empty, badge, table, replace, append} from './dom.js';
import {ask, view} from './ask.js';
import {curve} from './chart.js';
import {count, usd, dollars, ms, name, percent, fixed, when, question} from './format.js';
import {select} from './overview.js';
import {askForKey} from './app.js';

const TABS = {prompt: 'A prompt', thresholds: 'Thresholds', policies: 'Two policies'};

export async function show(context) {
  const {main, query, go, names} = context;
  const tab = TABS[query.tab] ? query.tab : 'prompt';
  const body = h('div', {class: 'list', style: {gap: '16px'}});
  replace(main, h('div', {class: 'head'}, h('h1', {}, 'Router explorer'), h('div', {class: 'segments', role: 'tablist'}, Object.entries(TABS).map(([key, text]) => h('button', {type: 'button', role: 'tab', 'aria-selected': String(key === tab), onclick: () => go('explorer', {...query, tab: key})}, text)))), body);
  return {prompt, thresholds, policies}[tab](context, body);
}

const problem = (error, names) => [h('div', {class: 'problem', role: 'alert'}, error.message), error.status === 401 && names.keyed && h('button', {type: 'button', onclick: askForKey}, 'Enter the key')];

// Of the requests that each tier answered in the last week, by tier.
async function tierLatency(names, route, signal) {
  if (!names.ledger) return {};
  const found = await view('overview', {last: 604800, route}, signal).catch(() => null);
  return Object.fromEntries((found?.by.tier ?? []).filter(each => each.latency_ms).map(each => [each.name, each.latency_ms]));
}

async function prompt(context, body) {
  const {names, signal, query} = context;
  const text = h('textarea', {rows: 5, 'aria-label': 'Prompt', placeholder: 'Prove that the square root of 2 is irrational', value: query.prompt ?? ''});
  const target = h('select', {'aria-label': 'Model'}, ['auto', ...names.routes.map(each => `triage/${each}`)].map(each => h('option', {value: each, selected: each === query.model}, each)));
  const key = h('select', {'aria-label': 'Key'}, h('option', {value: ''}, 'any key'), names.keys.map(each => h('option', {value: each}, each)));
  const out = h('div', {class: 'list', style: {gap: '16px'}, role: 'status'});
  const latency = tierLatency(names, null, signal);
  const run = async () => {
    if (!text.value.trim()) return text.focus();
    try {
      replace(out, explained(await ask('explain', {prompt: text.value, model: target.value, key: key.value || undefined}, signal), await latency));
    } catch (error) {
      if (error.name !== 'AbortError') replace(out, problem(error, names));
    }
  };
  const recent = h('select', {'aria-label': 'A recent prompt', onchange: async () => {
    if (!recent.value) return;
    const {record} = await view('request', {id: recent.value}, signal);
    text.value = question(record.prompt);
    await run();
  }}, h('option', {value: ''}, 'choose one'));
  if (names.ledger && names.texts) view('requests', {rows: 100}, signal).then(({rows}) => {
    const byPrompt = new Map(rows.filter(each => each.prompt).map(each => [question(each.prompt), each.id]));
    append(recent, [...byPrompt].slice(0, 30).map(([prompt, id]) => h('option', {value: id}, prompt.slice(0, 80))));
    picker.hidden = byPrompt.size === 0;
  }).catch(() => {});
  const picker = h('label', {class: 'field', hidden: true}, 'Or a recent one', recent);
  replace(body, card('A prompt', 'nothing is sent', h('form', {onsubmit: event => { event.preventDefault(); run(); }}, text,
    h('div', {class: 'row', style: {'margin-top': '10px'}}, h('label', {class: 'field'}, 'Model', target), names.keys.length > 0 && h('label', {class: 'field'}, 'Key', key), picker, h('button', {class: 'main', type: 'submit'}, 'What would become of it?')))), out);
  text.addEventListener('keydown', event => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run(); });
  if (text.value) await run();
}

function explained(found, latency) {
  if (found.refused) return h('div', {class: 'problem'}, `Refused with ${found.refused.status} ${found.refused.code}: ${found.refused.message}`);
  const cascade = found.answers?.cascade;
  const ensemble = found.answers?.ensemble;
  const chosen = found.tiers.findIndex(each => each.tier === found.tier);
  return [
    h('div', {class: 'figures'},
      h('div', {class: 'figure'}, h('div', {class: 'label'}, 'Route'), h('div', {class: 'big'}, name(found.route)), h('div', {class: 'small'}, `by ${found.by}`)),
      h('div', {class: 'figure'}, h('div', {class: 'label'}, 'Tier'), h('div', {class: 'big'}, name(found.tier)), h('div', {class: 'small'}, found.router ? `by ${found.router}` : '')),
      h('div', {class: 'figure'}, h('div', {class: 'label'}, 'Class'), h('div', {class: 'big'}, found.class ?? '–'), h('div', {class: 'small'}, [found.floor && `floor ${found.floor}`, found.ceiling && `ceiling ${found.ceiling}`].filter(Boolean).join(', '))),
      h('div', {class: 'figure'}, h('div', {class: 'label'}, 'Cascade'), h('div', {class: 'big'}, cascade && chosen < found.tiers.length - 1 ? 'may escalate' : 'no'), h('div', {class: 'small'}, cascade ? `${cascade.verify} judges; at most ${cascade.escalations_max} more` : 'the route has none')),
      h('div', {class: 'figure'}, h('div', {class: 'label'}, 'Ensemble'), h('div', {class: 'big'}, ensemble ? percent(ensemble.share) : 'no'), h('div', {class: 'small'}, ensemble ? `${ensemble.cheap} and ${ensemble.strong} at once` : 'the route has none')),
      h('div', {class: 'figure'}, h('div', {class: 'label'}, 'Experiment'), h('div', {class: 'big'}, found.experiment ? found.experiment.arm : 'none'), h('div', {class: 'small'}, found.experiment?.name ?? ''))),
    h('div', {class: 'grid'},
      h('div', {class: 'w6'}, card('What each router says', found.reason, found.chain.length ? found.chain.map(each => h('div', {class: each.behind ? 'opinion behind' : 'opinion'}, h('strong', {}, each.router), h('div', {}, ...verdict(each), each.floor && badge('', `floor ${each.floor}`), each.score !== null && h('span', {class: 'note'}, ` score ${fixed(each.score)}${each.threshold !== null ? `, threshold ${fixed(each.threshold)}` : ''}`)), h('p', {}, each.not_asked ? `It calls a model, ${each.not_asked}, which costs a call: triage explain --ask asks it.` : each.reason),
        each.rules.map(rule => h('p', {}, rule.holds ? '✓ ' : '· ', rule.rule, rule.text && `: ${rule.text}`)))) : h('p', {class: 'note'}, 'No router was asked.'))),
      h('div', {class: 'w6'}, card('On each tier', `${count(found.assumed.input_tokens)} tokens in, ${count(found.assumed.output_tokens)} out (${found.assumed.output_from})`, tierTable(found, latency)))),
    card('Deployments', found.note, table([['Asked'], ['Deployment'], ['Tier'], ['Share', 'n wide'], ['Cost', 'n'], ['Why not', 'wide']], found.deployments.map(each => h('tr', {}, h('td', {}, each.place ?? '–'), h('td', {}, each.deployment, h('span', {class: 'note'}, ` ${each.provider}`)), h('td', {}, name(each.tier)), h('td', {class: 'n wide'}, percent(each.share)), h('td', {class: 'n'}, usd(each.cost_nano_usd)), h('td', {class: 'wide note'}, each.why_not ?? ''))), {label: 'Deployments'}))];
}

// What a router says, and whether a request would come to it.
const verdict = each => [each.not_asked ? badge('', 'not asked') : each.tier ? badge(each.behind ? '' : 'accent', each.tier) : badge('', 'no opinion'),
  each.decides && badge('good', 'decides'), each.behind && !each.not_asked && h('span', {class: 'note'}, ' would have said')];

// What each tier costs and takes, and what the cascade and the ensemble of the route make of it.
function tierTable(found, latency) {
  const {cascade, ensemble} = found.answers ?? {};
  const at = tier => found.tiers.find(each => each.tier === tier);
  const sum = (tiers, of) => tiers.reduce((total, tier) => (total === null || of(tier) === null || of(tier) === undefined ? null : total + of(tier)), 0);
  const cost = tier => at(tier)?.cost_nano_usd ?? null;
  const row = (title, tiers, note, both) => {
    const median = tiers.map(tier => latency[tier]?.p50);
    const slowest = median.every(each => each !== undefined) ? Math.max(...median) : null;
    const p95 = tiers.length === 1 ? latency[tiers[0]]?.p95 : null;
    return h('tr', {}, h('td', {}, title), h('td', {class: 'n'}, usd(sum(tiers, cost))), h('td', {class: 'n'}, ms(both ? slowest : sum(tiers, tier => latency[tier]?.p50))), h('td', {class: 'n wide'}, ms(p95)), h('td', {}, note));
  };
  const chosen = found.tiers.findIndex(each => each.tier === found.tier);
  const rows = found.tiers.map(each => row(name(each.tier), [each.tier], each.tier === found.tier ? badge('good', 'goes here') : !each.can_take_it ? badge('warn', 'cannot take it') : ''));
  if (cascade && chosen >= 0)
    for (let more = 1; more <= cascade.escalations_max && chosen + more < found.tiers.length; ++more)
      rows.push(row(`Cascade, to ${found.tiers[chosen + more].tier}`, found.tiers.slice(chosen, chosen + more + 1).map(each => each.tier), h('span', {class: 'note'}, `if ${cascade.verify} rejects ${more > 1 ? `${more} answers` : 'the answer'}`)));
  if (ensemble) rows.push(row(`Ensemble of ${ensemble.cheap} and ${ensemble.strong}`, [ensemble.cheap, ensemble.strong], h('span', {class: 'note'}, `of ${percent(ensemble.share)} of the requests`), true));
  return [table([['Way'], ['Estimated cost', 'n'], ['Median latency', 'n'], ['p95', 'n wide'], ['']], rows, {label: 'Tiers'}),
    h('p', {class: 'note', style: {'margin-top': '8px'}}, Object.keys(latency).length ? 'Latency: of the last 7 days, of requests that the tier answered. A cascade\'s is the sum of its tiers\', an ensemble\'s the slower one\'s.' : 'Latency is not known: there were no requests in the last 7 days.')];
}

async function thresholds(context, body) {
  const {names, query, go, signal} = context;
  const route = query.route ?? names.routes[0];
  const out = h('div', {class: 'list', style: {gap: '16px'}});
  const file = h('input', {type: 'file', accept: '.jsonl,.json', onchange: async () => file.files[0] && measure(await file.files[0].text())});
  replace(body, h('div', {class: 'row middle'}, h('label', {class: 'row middle'}, 'Route', select(names.routes, route, value => go('explorer', {...query, route: value}))), h('span', {class: 'note'}, 'The route\'s own graded traffic: its scored pairs of answers.'), h('span', {class: 'grow'}), h('label', {class: 'row middle'}, h('span', {class: 'note'}, 'Or a file of graded questions'), file)), out);
  const measure = async data => {
    replace(out, h('div', {class: 'waiting'}), h('p', {class: 'note'}, 'The route is run over its graded traffic …'));
    try {
      const [found, latency] = await Promise.all([ask('sweep', {route, data}, signal), tierLatency(names, route, signal)]);
      if (found.problem) return void replace(out, nothingToMeasure(found.problem));
      const tiers = names.tiers.filter(each => latency[each]);
      replace(out, slider(found, tiers.length > 1 ? [latency[tiers[0]], latency[tiers.at(-1)]] : null));
    } catch (error) {
      if (error.name !== 'AbortError') replace(out, problem(error, names));
    }
  };
  await measure();
}

const nothingToMeasure = why => h('section', {class: 'card'}, empty('Nothing to measure', why), h('p', {class: 'note'}, 'Pairs come from an ensemble or a shadow with a picker; prompts must be recorded for the routers to be run on them.'));

// The half of a share's 95 % interval, by Wilson's score.
function shareHalf(share, rows) {
  const z = 1.96;
  return z / (1 + z * z / rows) * Math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows));
}

// What requests take on average where a share of them goes to the strong tier; in a cascade, after the weak one. The
// errors of the share and of both means add up as squares do.
function latencyOf(step, rows, [weak, strong], cascade) {
  const more = strong.mean - (cascade ? 0 : weak.mean);
  const stays = cascade ? 1 : 1 - step.share;
  return {mean: stays * weak.mean + step.share * strong.mean, half: Math.hypot(stays * weak.mean_half, step.share * strong.mean_half, more * shareHalf(step.share, rows))};
}

function slider(found, latency) {
  if (!found.steps.length) return h('section', {class: 'card'}, empty('No score', 'No router of this route gives a score, so there is no threshold to move.'));
  const steps = found.steps.map(([threshold, share, quality, cost, easy, hard, qualityHalf, costHalf]) => ({threshold, share, quality, cost, easy, hard, qualityHalf, costHalf}));
  const cascade = found.cascade === true;
  const now = found.threshold === null ? -1 : steps.reduce((best, each, at) => (each.threshold !== null && Math.abs(each.threshold - found.threshold) < Math.abs((steps[best]?.threshold ?? 1e9) - found.threshold) ? at : best), 0);
  const input = h('input', {type: 'range', min: 0, max: steps.length - 1, value: Math.max(0, now), 'aria-label': 'Threshold'});
  const figures = h('div', {class: 'figures'});
  const plot = h('div', {});
  const questions = h('div', {});
  const draw = () => {
    const at = steps[Number(input.value)];
    const was = steps[now];
    const diff = (value, text) => (was && was !== at ? `, ${value > 0 ? '+' : ''}${text} to in force` : '');
    input.setAttribute('aria-valuetext', `threshold ${at.threshold === null ? 'above all' : fixed(at.threshold)}, quality ${fixed(at.quality)}`);
    const each = (label, big, small) => h('div', {class: 'figure'}, h('div', {class: 'label'}, label), h('div', {class: 'big'}, big), h('div', {class: 'small'}, small));
    const takes = latency && latency[0].mean !== undefined ? latencyOf(at, found.rows, latency, cascade) : null;
    replace(figures,
      each('Threshold', at.threshold === null ? 'above all' : fixed(at.threshold), found.threshold === null ? 'none in force' : `in force ${fixed(found.threshold)}`),
      each(cascade ? 'Escalations' : 'To the strong tier', percent(at.share, 1), `± ${percent(shareHalf(at.share, found.rows), 1)}${diff(at.share - (was?.share ?? 0), percent(at.share - (was?.share ?? 0), 1))}`),
      each('Quality', fixed(at.quality), `± ${fixed(at.qualityHalf)}, 95 %`),
      each('Cost a request', found.costs ? dollars(at.cost) : 'unknown', found.costs ? `± ${dollars(at.costHalf)}` : ''),
      each('Latency', takes ? ms(takes.mean) : 'unknown', takes ? `± ${ms(takes.half)}, a mean of 7 days` : 'no requests of both tiers'),
      each('Wrong side', count(at.easy + at.hard), `${count(at.easy)} easy sent up, ${count(at.hard)} hard kept down`));
    const x = found.costs ? 'cost' : 'share';
    replace(plot, curve({label: 'Quality by cost', xLabel: found.costs ? 'cost a request' : 'share to the strong tier', yLabel: 'quality', xFormat: value => (found.costs ? dollars(value) : percent(value)), yFormat: value => fixed(value),
      lines: [{kind: 'k1', points: steps.map(step => [step[x], step.quality])}, {kind: 'kdim', dash: true, points: [[steps[0][x], steps[0].quality], [steps.at(-1)[x], steps.at(-1).quality]]}],
      dots: [...(was ? [{kind: 'kdim', at: [was[x], was.quality]}] : []), {kind: 'k2', at: [at[x], at.quality], error: at.qualityHalf}]}));
    const level = each => (each.threshold === null ? Infinity : each.threshold);
    const [low, high] = was ? [Math.min(level(at), level(was)), Math.max(level(at), level(was))] : [Infinity, Infinity];
    const moved = found.questions.filter(each => each[3] >= low && each[3] < high);
    const up = was && level(at) < level(was);
    replace(questions, card('Questions that change sides', moved.length ? `${count(moved.length)} go ${up ? 'up to the strong' : 'down to the weak'} tier` : 'none', moved.length ? table([['Question'], ['Score', 'n'], ['Weak', 'n'], ['Strong', 'n'], ['']], moved.slice(0, 40).map(each => h('tr', {}, h('td', {class: 'clip', title: each[0]}, each[0]), h('td', {class: 'n'}, fixed(each[3])), h('td', {class: 'n'}, fixed(each[1], 2)), h('td', {class: 'n'}, fixed(each[2], 2)), h('td', {}, each[2] > each[1] ? badge(up ? 'good' : 'bad', up ? 'better' : 'worse') : badge('', 'no better')))), {label: 'Questions'}) : h('p', {class: 'note'}, 'Move the threshold away from the one in force.')));
  };
  input.addEventListener('input', draw);
  draw();
  return [h('div', {}, figures), card(found.main === null ? 'Threshold' : found.curves[found.main].title, `${count(found.rows)} graded requests; ${found.data}`, input, h('div', {class: 'row middle'}, h('span', {class: 'note'}, 'all to the weak tier'), h('span', {class: 'grow'}), h('span', {class: 'note'}, 'all to the strong tier'))), card('Quality by cost', 'dashed: drawing lots', plot), questions, card('Is it worth having?', null, [found.verdict].flat().map(each => h('p', {class: 'sub'}, each)))];
}

async function policies(context, body) {
  const {names, signal} = context;
  const out = h('div', {role: 'status', class: 'list'});
  const text = h('textarea', {class: 'code', rows: 12, spellcheck: 'false', 'aria-label': 'A candidate', placeholder: 'Paste the other configuration here: its policy is compared with the one in force'});
  const route = h('select', {}, names.routes.map(each => h('option', {value: each}, each)));
  const since = h('select', {}, ['24h', '7d', '30d'].map(each => h('option', {value: each, selected: each === '7d'}, each)));
  const button = h('button', {class: 'main', type: 'submit'}, 'Compare');
  replace(body, card('Another policy', 'on the ledger\'s own requests', h('form', {onsubmit: async event => {
    event.preventDefault();
    button.disabled = true;
    replace(out, h('div', {class: 'waiting'}), h('p', {class: 'note'}, 'The ledger\'s requests are put to both …'));
    try {
      replace(out, replayed(await ask('replay', {config: text.value, route: route.value, since: since.value}, signal)));
    } catch (error) {
      if (error.name !== 'AbortError') replace(out, problem(error, names));
    }
    button.disabled = false;
  }}, text, h('div', {class: 'row', style: {'margin-top': '10px'}}, h('label', {class: 'field'}, 'Route', route), h('label', {class: 'field'}, 'Since', since), button))), out);
}

// What `triage replay --json` says.
function replayed(found) {
  const {same, undecided, moves} = found.decisions;
  const measures = [['Cost a request', found.cost_usd, dollars], ...found.qualities.map(each => [`Quality, by ${each.source}`, each, value => fixed(value)])];
  return [
    h('div', {class: 'figures'},
      fact('Requests', count(found.requests), found.first_unix_ms ? `${when(found.first_unix_ms)} to ${when(found.last_unix_ms)}` : ''),
      fact('Decided alike', percent(found.requests ? same / found.requests : 0), undecided ? `${count(undecided)} could not be decided` : `${count(same)} requests`),
      ...moves.slice(0, 4).map(each => fact(`${name(each.from)} → ${name(each.to)}`, count(each.requests), percent(each.requests / found.requests, 1)))),
    found.verdict && h('div', {class: 'problem mild'}, `Verdict: ${found.verdict}`),
    card('What it would have meant', `route ${found.route}; doubly robust estimates, 95 % intervals`, table([['Measure'], ['Known of', 'n'], ['In force', 'n'], ['Candidate', 'n'], ['Difference', 'n']], measures.map(([title, each, format]) => h('tr', {}, h('td', {}, title), h('td', {class: 'n note'}, percent(each.known_share)),
      h('td', {class: 'n'}, estimate(each.old, format)), h('td', {class: 'n'}, estimate(each.new, format)), h('td', {class: 'n'}, valued(each.difference, format) ?? 'cannot be told'))), {label: 'Measures'}),
    h('p', {class: 'note', style: {'margin-top': '8px'}}, 'Where the logs do not say enough, the bounds are what is certain.')),
    found.notes?.length > 0 && card('What it rests on', null, found.notes.map(each => h('p', {class: 'sub'}, each)))];
}

const fact = (label, big, small) => h('div', {class: 'figure'}, h('div', {class: 'label'}, label), h('div', {class: 'big'}, big), h('div', {class: 'small'}, small));
const valued = (each, format) => (each.value === null ? null : `${format(each.value)}${each.interval ? ` (${format(each.interval[0])} to ${format(each.interval[1])})` : ''}`);
const estimate = (each, format) => valued(each.doubly_robust, format) ?? (each.bounds ? `between ${format(each.bounds[0])} and ${format(each.bounds[1])}` : 'cannot be told');

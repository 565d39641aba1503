// What went through, what it cost, what it would have cost, how good it was: now and over time.
import {h, s, card, empty, table, badge, link, replace} from './dom.js';
import {view, metrics} from './ask.js';
import {chart} from './chart.js';
import {count, usd, percent, ms, name, ago, when, fixed} from './format.js';
import {every} from './app.js';

export const SPANS = [[3600, '1 h'], [21600, '6 h'], [86400, '24 h'], [604800, '7 d'], [2592000, '30 d']];
const FILTERS = ['route', 'tier', 'deployment', 'key', 'model'];
const LESS_IS_BETTER = ['refusal', 'hedging', 'truncated', 'schema_failure', 'retry'];
const SIGNALS = {feedback: 'Thumbs up', task_completed: 'Task completed', judge: 'Judge', refusal: 'Refusals', hedging: 'Hedging', truncated: 'Truncated', schema_failure: 'Schema failures', retry: 'Asked again'};

export const kindOf = (tiers, tier) => (tier === null || tier === '' ? 'kdim' : `k${Math.min(5, Math.max(0, tiers.indexOf(tier)))}`);

export function spans(chosen, pick) {
  return h('div', {class: 'segments', role: 'group', 'aria-label': 'Period'},
    SPANS.map(([seconds, text]) => h('button', {type: 'button', 'aria-pressed': String(seconds === chosen), onclick: () => pick(seconds)}, text)));
}

function change(now, before, lessIsBetter) {
  if (!before || now === null) return null;
  const share = now / before - 1;
  if (Math.abs(share) < 0.005) return '± 0 %';
  const good = lessIsBetter === undefined ? '' : (share < 0) === lessIsBetter ? 'up' : 'down';
  return h('span', {class: good}, `${share > 0 ? '▲' : '▼'} ${percent(Math.abs(share))}`);
}

function figure(to, label, big, ...small) {
  return h('a', {class: 'figure', href: to}, h('div', {class: 'label'}, label), h('div', {class: 'big'}, big), h('div', {class: 'small'}, ...small));
}

// The shortest of the first three periods that has all requests.
function fitting(firstUnixMs) {
  const age = firstUnixMs ? (Date.now() - firstUnixMs) / 1000 : 0;
  return age < 3600 ? 3600 : age < 21600 ? 21600 : 86400;
}

export async function show(context) {
  const {main, query, names, signal, go, current} = context;
  const last = Number(query.last) || fitting(names.first_unix_ms);
  const filter = Object.fromEntries(FILTERS.filter(each => query[each] !== undefined).map(each => [each, query[each]]));
  if (names.problem) throw names.problem;
  if (!names.ledger) return void replace(main, empty('Nothing is recorded', 'The configuration has no ', h('code', {}, 'ledger'), ': with one, this page shows requests, cost and quality.'));
  const load = async () => {
    const [data, quality, standing, samples] = await Promise.all([
      view('overview', {last, ...filter}, signal), view('quality', {last, route: filter.route}, signal),
      view('standing', {}, signal), metrics(['triage_breaker_state'], signal)]);
    if (!current()) return;
    draw(context, {last, filter, data, quality, standing, samples});
  };
  if (!main.querySelector('.figures')) replace(main, h('div', {class: 'head'}, h('h1', {}, 'Overview')), h('div', {class: 'waiting'}));
  await load();
  every(context, last <= 21600 ? 10 : 60, load);
}

function draw(context, {last, filter, data, quality, standing, samples}) {
  // The step under way is not drawn: it would look like a fall. Nor is the first one, of which a part is asked for. The
  // figures have both.
  const others = data.series.slice(0, -1).some(each => each.requests);
  if (others && data.series.length > 3 && data.series.at(-1).start_unix_s + data.step_s > data.until_unix_s) data.series.pop();
  if (data.series.length > 3 && data.series[0].start_unix_s < data.since_unix_s) data.series.shift();
  const {main, names, go} = context;
  const requests = (more = {}) => '#/requests?' + new URLSearchParams({last, ...filter, ...more});
  const pick = unixS => { location.hash = requests({since: unixS, until: unixS + data.step_s}); };
  const times = data.series.map(each => each.start_unix_s);
  const head = h('div', {class: 'head'}, h('h1', {}, 'Overview'),
    Object.entries(filter).map(([key, value]) => h('button', {class: 'chip', type: 'button', title: 'remove', onclick: () => go('overview', {...context.query, [key]: null})}, `${key}: ${name(value)} ×`)),
    h('span', {class: 'grow'}),
    h('label', {class: 'row middle'}, h('span', {class: 'sub'}, 'Route'), select(['', ...names.routes], filter.route ?? '', value => go('overview', {...context.query, route: value || null}), ['all'])),
    spans(last, seconds => go('overview', {...context.query, last: seconds})));
  if (!data.total.requests) {
    return void replace(main, head, h('section', {class: 'card'}, empty('No requests in this period',
      data.last_unix_ms ? ['The newest is from ', when(data.last_unix_ms), '. '] : 'The ledger has none yet. ', 'Choose a longer period, or send one to the gateway.')), now(standing, samples));
  }
  replace(main, head, figures(context, data, requests), h('div', {class: 'grid'},
    h('div', {class: 'w8'}, card('Requests by tier', `a point: ${spanText(data.step_s)}`, tierChart(names, data, times, pick))),
    h('div', {class: 'w4'}, card('Tier mix', null, mix(names, data, requests))),
    h('div', {class: 'w6'}, card('Spend', 'and had all gone to the top tier', chart({
      times, step: data.step_s, label: 'Spend over time', format: value => usd(value * 1e9, value < 1 ? 3 : value < 10 ? 2 : 0), onpick: pick,
      series: [{name: 'all at the top tier', kind: 'kdim', dash: true, values: data.series.map(each => each.frontier_cost_nano_usd / 1e9)},
        {name: 'spent', kind: 'k1', values: data.series.map(each => each.cost_nano_usd / 1e9)}]}))),
    h('div', {class: 'w6'}, card('Latency', 'to the last byte', chart({
      times, step: data.step_s, label: 'Latency over time', format: ms, onpick: pick,
      series: [{name: 'p95', kind: 'k0', values: data.series.map(each => each.latency_ms?.p95 ?? null)}, {name: 'median', kind: 'k2', values: data.series.map(each => each.latency_ms?.p50 ?? null)}]}))),
    h('div', {class: 'w8'}, card('Quality', quality.sampled ? 'signals from a sample of requests' : null, qualityTable(quality, requests))),
    h('div', {class: 'w4'}, card('Errors', null, chart({
      times, step: data.step_s, height: 120, stacked: true, label: 'Errors over time', format: count, whole: true, onpick: unixS => { location.hash = requests({since: unixS, until: unixS + data.step_s, outcome: 'errors'}); },
      series: [['client_error', 'client', 'kdim'], ['upstream_error', 'provider', 'kbad'], ['gateway_error', 'gateway', 'k5']].map(([key, text, kind]) => ({name: text, kind, values: data.series.map(each => each.outcomes[key] ?? 0)}))}),
      outcomes(data, requests)))),
  now(standing, samples),
  h('div', {class: 'grid'}, FILTERS.filter(each => each !== 'tier').map(each => h('div', {class: 'w6'}, card(`By ${each}`, null, groups(each, data, filter, last, requests))))));
}

function spanText(seconds) {
  return seconds < 3600 ? `${seconds / 60} min` : seconds < 86400 ? `${seconds / 3600} h` : `${seconds / 86400} d`;
}

export function select(values, chosen, pick, words = []) {
  return h('select', {onchange: event => pick(event.target.value)}, values.map((value, at) => h('option', {value, selected: value === chosen}, words[at] ?? name(value))));
}

function figures(context, data, requests) {
  const {total, before, savings} = data;
  const escalated = total.requests ? total.escalations / total.requests : 0;
  const saved = total.frontier_cost_nano_usd ? 1 - total.cost_nano_usd / total.frontier_cost_nano_usd : null;
  const sub = (unknown, ...rest) => [unknown > 0 ? `without ${count(unknown)} of unknown price; ` : '', ...rest];
  return h('div', {class: 'figures'},
    figure(requests(), 'Requests', count(total.requests), change(total.requests, before?.requests), before && ' on the period before'),
    figure(requests({cost_min: 0.000001}), 'Spent', usd(total.cost_nano_usd), sub(total.cost_unknown, change(total.cost_nano_usd, before?.cost_nano_usd, true))),
    figure(requests(), 'All at the top tier', usd(total.frontier_cost_nano_usd), sub(total.frontier_unknown, 'what it would have cost')),
    figure(requests(), 'Saved', percent(saved, 1), savings ? `${percent(savings.low, 1)} to ${percent(savings.high, 1)}, 95 %` : 'too few slices for an interval'),
    figure(requests({cause: 'escalation'}), 'Escalated', percent(escalated), `${count(total.escalations)} asked a stronger tier`),
    figure(requests({outcome: 'errors'}), 'Errors', percent(total.requests ? total.errors / total.requests : 0), change(total.errors / total.requests, before && before.requests ? before.errors / before.requests : null, true), ` ${count(total.errors)} requests`));
}

// The tiers that were asked: what asked none, such as feedback, is no part of the mix.
const asked = data => data.by.tier.filter(each => each.attempts > 0);

function tierChart(names, data, times, pick) {
  const found = Object.keys(data.total.tiers).filter(tier => asked(data).some(each => (each.name ?? '') === tier));
  const order = [...names.tiers.filter(each => found.includes(each)), ...found.filter(each => !names.tiers.includes(each))];
  return chart({times, step: data.step_s, stacked: true, label: 'Requests by tier over time', format: count, height: 210, onpick: pick, whole: true,
    series: order.map(tier => ({name: name(tier), kind: kindOf(names.tiers, tier), values: data.series.map(each => each.tiers[tier] ?? 0)}))});
}

function mix(names, data, requests) {
  const rows = asked(data);
  const all = rows.reduce((sum, each) => sum + each.requests, 0);
  const rank = each => (names.tiers.includes(each.name) ? names.tiers.indexOf(each.name) : names.tiers.length);
  const order = rows.sort((a, b) => rank(a) - rank(b));
  return h('div', {class: 'list'}, order.map(each => {
    const share = all ? each.requests / all : 0;
    return h('div', {},
      h('div', {class: 'row middle'}, h('a', {href: requests({tier: each.name ?? ''})}, name(each.name)), h('span', {class: 'grow'}), h('span', {class: 'note'}, each.latency_ms ? `median ${ms(each.latency_ms.p50)}` : ''), h('strong', {}, percent(share))),
      h('div', {class: 'bar'}, h('i', {class: kindOf(names.tiers, each.name), style: {width: `${share * 100}%`}})),
      h('div', {class: 'note'}, `${usd(each.cost_nano_usd)}, ${percent(data.total.cost_nano_usd ? each.cost_nano_usd / data.total.cost_nano_usd : 0)} of the spend`));
  }));
}

function qualityTable(quality, requests) {
  const at = (each, key) => (each.signals[key] ?? each[key]);
  const rows = Object.entries(SIGNALS).map(([key, text]) => {
    const total = at(quality.total, key);
    if (!total || !total.values) return null;
    const values = quality.series.map(each => at(each, key).mean);
    const query = key === 'feedback' ? {thumb: 'down'} : LESS_IS_BETTER.includes(key) ? {signal: key} : {};
    return h('tr', {}, h('td', {}, h('a', {href: requests(query)}, text)), h('td', {class: 'n'}, h('strong', {}, percent(total.mean, 1))),
      h('td', {class: 'n note'}, `of ${count(total.values)}`), h('td', {}, spark(values)), h('td', {class: 'note wide'}, LESS_IS_BETTER.includes(key) ? 'less is better' : 'more is better'));
  }).filter(Boolean);
  return rows.length ? table([['Signal'], ['Mean', 'n'], ['Values', 'n'], ['Over time'], ['', 'wide']], rows, {label: 'Quality signals'}) : empty('No signals yet', 'They come with answers, feedback and grades.');
}

function spark(values) {
  const known = values.filter(value => value !== null);
  if (known.length < 2) return h('span', {class: 'note'}, '–');
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const points = values.map((value, at) => (value === null ? null : [at / (values.length - 1) * 160, 22 - (value - low) / (high - low || 1) * 20])).filter(Boolean);
  return s('svg', {viewBox: '0 0 160 24', height: 24, 'aria-hidden': 'true', class: 'spark', style: {'max-width': '160px'}}, s('polyline', {class: 'line k1', points: points.map(each => each.map(value => value.toFixed(1)).join(',')).join(' ')}));
}

function outcomes(data, requests) {
  const words = {ok: 'good', client_error: '', upstream_error: 'bad', gateway_error: 'bad', cancelled: 'warn'};
  return h('div', {class: 'row'}, Object.entries(data.total.outcomes).map(([key, value]) =>
    h('a', {href: requests({outcome: key})}, badge(words[key] ?? '', `${key.replace('_', ' ')} ${count(value)}`))));
}

function now(standing, samples) {
  const breakers = samples.filter(each => each.value > 0);
  const drifted = standing.drift ? Object.entries(standing.drift.routes).flatMap(([route, each]) => Object.entries(each.states).filter(([, state]) => state === 'drifted').map(([what]) => [route, what])) : [];
  const learning = standing.drift ? Object.values(standing.drift.routes).length : 0;
  const slo = standing.slo.map(each => h('div', {class: 'row middle'}, badge({met: 'good', breached: 'bad'}[each.state] ?? '', each.state),
    link('requests', {route: each.route}, each.route), h('span', {}, each.promise), h('span', {class: 'grow'}), h('span', {class: 'note'}, each.values ? `${fixed(each.mean)} in ${fixed(each.low)} to ${fixed(each.high)}` : 'no values yet')));
  const alarms = (standing.drift?.alarms ?? []).slice(-3).reverse();
  return h('div', {class: 'grid'},
    h('div', {class: 'w4'}, card('Promises', 'quality.slo', slo.length ? h('div', {class: 'list'}, slo) : h('p', {class: 'note'}, 'None is configured.'))),
    h('div', {class: 'w4'}, card('Drift', learning ? `${learning} ${learning > 1 ? 'routes' : 'route'} watched` : null,
      drifted.length ? h('div', {class: 'list'}, drifted.map(([route, what]) => h('div', {class: 'row middle'}, badge('warn', 'drifted'), link('requests', {route}, route), h('span', {}, what.replaceAll('_', ' '))))) : h('p', {class: 'note'}, learning ? 'Requests and answers are what they were.' : 'Nothing is watched yet.'),
      alarms.map(each => h('p', {class: 'note'}, `${ago(each.time_unix_ms)}, ${each.route}: ${each.text}`)))),
    h('div', {class: 'w4'}, card('Breakers', samples.length ? `${samples.length} deployments` : null,
      breakers.length ? h('div', {class: 'list'}, breakers.map(each => h('div', {class: 'row middle'}, badge(each.value === 2 ? 'bad' : 'warn', each.value === 2 ? 'open' : 'half open'), link('requests', {deployment: each.labels.deployment}, each.labels.deployment)))) : h('p', {class: 'note'}, samples.length ? 'All are closed: every deployment is asked.' : 'No deployment was asked since the start.'))));
}

function groups(dimension, data, filter, last, requests) {
  const rows = data.by[dimension].slice(0, 8);
  const most = Math.max(1, ...rows.map(each => each.cost_nano_usd));
  return table([[dimension], ['Requests', 'n'], ['Spent', 'n'], ['', 'wide'], ['Errors', 'n']], rows.map(each => h('tr', {},
    h('td', {class: 'clip'}, h('a', {href: requests({[dimension]: each.name ?? ''}), title: name(each.name)}, name(each.name))),
    h('td', {class: 'n'}, count(each.requests)), h('td', {class: 'n'}, usd(each.cost_nano_usd)),
    h('td', {class: 'wide'}, h('div', {class: 'bar'}, h('i', {style: {width: `${each.cost_nano_usd / most * 100}%`}}))),
    h('td', {class: 'n'}, each.errors ? h('a', {href: requests({[dimension]: each.name ?? '', outcome: 'errors'})}, count(each.errors)) : '0'))), {label: `By ${dimension}`, class: 'groups'});
}

// Requests, the newest first: searched, filtered, page by page, or as they come.
import {h, card, empty, table, badge, replace, address} from './dom.js';
import {view} from './ask.js';
import {count, usd, ms, name, when, percent, question} from './format.js';
import {every} from './app.js';
import {SPANS, select, kindOf} from './overview.js';

const WORDS = {ok: 'good', upstream_error: 'bad', gateway_error: 'bad', cancelled: 'warn'};
const LISTED = ['last', 'since', 'until', 'route', 'tier', 'key', 'model', 'deployment', 'outcome', 'status', 'error', 'class', 'cause', 'signal', 'thumb', 'experiment', 'arm', 'cost_min', 'latency_min', 'text'];
const CHOICES = {
  outcome: ['ok', 'errors', 'client_error', 'upstream_error', 'gateway_error', 'cancelled'],
  cause: ['retry', 'fallback', 'hedge', 'escalation', 'rescue'],
  signal: ['refusal', 'hedging', 'truncated', 'schema_failure', 'retry'],
  thumb: ['up', 'down'],
};

const asked = query => Object.fromEntries(LISTED.filter(each => query[each] !== undefined).map(each => [each, query[each]]));

export async function show(context) {
  const {main, query, names, signal, go, current} = context;
  if (names.problem) throw names.problem;
  if (!names.ledger) return void replace(main, empty('Nothing is recorded', 'The configuration has no ', h('code', {}, 'ledger'), '.'));
  const filter = asked(query);
  if (filter.since) delete filter.last;
  const set = (key, value) => go('requests', {...query, [key]: value || null, before: null});
  const live = query.live === '1';
  const body = h('tbody', {});
  const foot = h('div', {class: 'row middle foot'});
  const note = h('span', {class: 'sub', role: 'status'});
  const pick = (label, key, values) => h('label', {class: 'field'}, label, select(['', ...values], query[key] ?? '', value => set(key, value), ['any']));
  const search = h('input', {type: 'search', name: 'text', placeholder: names.texts ? 'in prompts, answers and ids' : 'an id, or part of one', value: query.text ?? ''});
  replace(main,
    h('div', {class: 'head'}, h('h1', {}, 'Requests'), note, h('span', {class: 'grow'}),
      h('button', {type: 'button', class: live ? 'main' : '', 'aria-pressed': String(live), onclick: () => go('requests', {...query, live: live ? null : '1', before: null})}, live ? '● Live' : 'Live tail')),
    h('section', {class: 'card'},
      h('form', {class: 'row', role: 'search', onsubmit: event => { event.preventDefault(); set('text', search.value.trim()); }},
        h('label', {class: 'field', style: {flex: '1 1 220px'}}, 'Search', search),
        h('label', {class: 'field'}, 'Period', select(['', ...SPANS.map(each => String(each[0]))], query.since ? 'between' : query.last ?? '', value => go('requests', {...query, last: value || null, since: null, until: null, before: null}), ['all', ...SPANS.map(each => each[1])])),
        pick('Route', 'route', names.routes), pick('Tier', 'tier', names.tiers), pick('Outcome', 'outcome', CHOICES.outcome), pick('Attempts', 'cause', CHOICES.cause), pick('Signal', 'signal', CHOICES.signal), pick('Thumb', 'thumb', CHOICES.thumb)),
      chips(query, set)),
    h('section', {class: 'card'}, h('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Requests'},
      h('table', {}, h('thead', {}, h('tr', {}, [['Time'], ['Route'], ['Asked for', 'wide'], ['Tier'], ['Outcome'], ['Attempts'], ['Latency', 'n'], ['Cost', 'n'], [names.texts ? 'Prompt' : 'Key', 'wide']].map(([text, kind]) => h('th', {scope: 'col', class: kind}, text)))), body)), foot));
  const add = (rows, first) => rows.forEach(each => (first ? body.prepend(row(each, names, true)) : body.append(row(each, names, false))));
  let newest = 0;
  let total = 0;
  const more = async before => {
    const found = await view('requests', {...filter, before, rows: 50}, signal);
    if (!current()) return;
    add(found.rows, false);
    total += found.rows.length;
    newest = Math.max(newest, found.newest);
    note.textContent = live ? 'as they come' : `${count(total)} shown`;
    replace(foot, total === 0 && !found.next && empty('No request fits', 'Take a filter away, or choose a longer period.'),
      found.next && h('button', {type: 'button', onclick: event => { event.target.disabled = true; more(found.next).catch(fail); }}, found.rows.length < 50 ? 'Search further back' : 'Older'),
      found.searched_until_unix_ms && h('span', {class: 'note'}, `searched back to ${when(found.searched_until_unix_ms)}`));
  };
  const fail = error => error.name !== 'AbortError' && replace(foot, h('div', {class: 'problem', role: 'alert'}, error.message));
  await more(query.before);
  if (live) every(context, 2, async () => {
    const found = await view('requests', {...filter, last: null, after: newest, rows: 100}, signal);
    if (!current()) return;
    add(found.rows, true);
    newest = Math.max(newest, found.rows.at(-1)?.seq ?? newest);
    while (body.childElementCount > 300) body.lastElementChild.remove();
  });
}

function chips(query, set) {
  const given = LISTED.filter(each => query[each] !== undefined && each !== 'last');
  const text = each => (each === 'since' || each === 'until' ? when(query[each] * 1000) : name(query[each]));
  return given.length > 0 && h('div', {class: 'row', style: {'margin-top': '10px'}}, given.map(each => h('button', {class: 'chip', type: 'button', title: 'remove', onclick: () => set(each, null)}, `${each.replace('_', ' ')}: ${text(each)} ×`)));
}

function row(each, names, fresh) {
  const to = address('request', {id: each.id});
  const causes = (each.causes ?? '').split(',').filter(cause => cause && cause !== 'first');
  const seen = Object.entries(each.signals ?? {}).filter(([key, value]) => value === true && key !== 'turns').map(([key]) => key);
  const saved = each.frontier_cost_nano_usd && each.cost_nano_usd !== null ? 1 - each.cost_nano_usd / each.frontier_cost_nano_usd : null;
  return h('tr', {class: `go${fresh ? ' fresh' : ''}`, onclick: event => { if (!event.target.closest('a')) location.hash = to; }},
    h('td', {}, h('a', {href: to, title: each.id}, when(each.time_unix_ms))),
    h('td', {}, name(each.route), each.arm && [' ', badge('accent', each.arm)]),
    h('td', {class: 'clip wide', title: each.model}, name(each.model)),
    h('td', {}, each.tier ? [h('i', {class: kindOf(names.tiers, each.tier), style: {display: 'inline-block', width: '8px', height: '8px', 'border-radius': '2px', 'margin-right': '6px'}}), each.tier] : '–'),
    h('td', {}, badge(WORDS[each.outcome] ?? '', each.outcome.replace('_', ' ')), each.error && h('span', {class: 'note'}, ' ', each.error)),
    h('td', {}, String(each.attempts), causes.map(cause => [' ', badge(cause === 'escalation' ? 'accent' : 'warn', cause)]), seen.map(signal => [' ', badge('', signal.replace('_', ' '))])),
    h('td', {class: 'n'}, ms(each.latency_ms)),
    h('td', {class: 'n', title: saved === null ? '' : `${percent(saved)} less than at the top tier`}, usd(each.cost_nano_usd)),
    h('td', {class: 'clip wide', title: question(each.prompt)}, names.texts ? question(each.prompt) : name(each.key)));
}

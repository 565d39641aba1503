// Experiments: where they stand, what their guardrails say, and what a person may do about it.
import {h, card, empty, badge, link, replace, table, address} from './dom.js';
import {get, post, view} from './ask.js';
import {interval, sequence} from './chart.js';
import {count, usd, dollars, percent, name, when, span, fixed} from './format.js';
import {every, askForKey} from './app.js';

const STATES = {running: 'good', promoted: 'accent', held: 'warn', paused: 'warn', waiting: '', rolled_back: 'bad'};
const ACTIONS = {start: 'Start', pause: 'Pause', promote: 'Promote to everybody', rollback: 'Roll back'};
const ALLOWED = {running: ['pause', 'promote', 'rollback'], held: ['start', 'pause', 'promote', 'rollback'], paused: ['start', 'rollback'], waiting: ['start'], rolled_back: [], promoted: ['rollback']};

export async function show(context) {
  const {rest} = context;
  return rest[0] ? one(context, rest[0]) : list(context);
}

async function list(context) {
  const {main, signal, current} = context;
  const load = async () => {
    const {experiments} = await get('/admin/experiments', signal);
    if (!current()) return;
    replace(main, h('div', {class: 'head'}, h('h1', {}, 'Experiments')), experiments.length
      ? h('div', {class: 'grid'}, experiments.map(each => h('div', {class: 'w6'}, h('section', {class: 'card'},
        h('div', {class: 'row middle'}, h('h3', {}, h('a', {href: address(`experiments/${encodeURIComponent(each.name)}`)}, each.name)), badge(STATES[each.state] ?? '', each.state.replace('_', ' ')), each.held_by && badge('warn', `by ${each.held_by}`), h('span', {class: 'grow'}), h('span', {class: 'note'}, `on ${each.route}`)),
        h('p', {class: 'sub', style: {margin: '8px 0'}}, `${percent(each.share, 1)} get the treatment; stage ${each.stage + 1} of ${each.stages}, for ${span(each.stage_elapsed_ms)}.`, !each.configured && ' Its version is not the configured one.')))))
      : h('section', {class: 'card'}, empty('No experiment', 'A route\'s ', h('code', {}, 'experiment'), ' gives a change to a share of its users, and takes it back by itself if quality slips.')));
  };
  await load();
  every(context, 5, load);
}

async function one(context, id) {
  const {main, signal, current, names} = context;
  const forecast = h('div', {}, card('Forecast', null, h('p', {class: 'note'}, 'It is being computed …')));
  const load = async () => {
    const found = await get(`/admin/experiments/${encodeURIComponent(id)}`, signal);
    if (current()) draw(context, found, forecast, load);
  };
  await load();
  every(context, 5, load);
  view('forecast', {name: id}, signal).then(found => replace(forecast, found.problem ? card('Forecast', null, h('p', {class: 'note'}, found.problem)) : forecastCard(found))).catch(error => error.name !== 'AbortError' && replace(forecast, card('Forecast', null, h('p', {class: 'note'}, error.message))));
}

function draw(context, found, forecast, load) {
  const {main, names} = context;
  const stages = found.plan?.stages ?? [];
  replace(main,
    h('div', {class: 'head'}, h('a', {href: '#/experiments'}, '← Experiments'), h('h1', {}, found.name), badge(STATES[found.state] ?? '', found.state.replace('_', ' ')), found.held_by && badge('warn', `held by ${found.held_by}`), h('span', {class: 'sub'}, 'on ', link('requests', {route: found.route}, found.route)), h('span', {class: 'grow'}), buttons(found, names, load)),
    found.advice && h('div', {class: 'problem mild'}, found.advice),
    card('Stages', `${percent(found.share, 1)} get the treatment`, h('div', {class: 'stages'}, stages.map((stage, at) => h('div', {class: `stage ${at < found.stage ? 'done' : at === found.stage && found.state !== 'rolled_back' ? 'now' : ''}`}, percent(stage.share, stage.share < 0.1 ? 1 : 0), h('div', {}, at === found.stage ? `${span(found.stage_elapsed_ms)}${stage.at_least_ms ? ` of ${span(stage.at_least_ms)}` : ''}` : stage.at_least_ms ? span(stage.at_least_ms) : '')))),
      found.waits_for?.length > 0 && h('p', {class: 'note', style: {'margin-top': '10px'}}, `It waits for: ${found.waits_for.join('; ')}`)),
    h('div', {class: 'grid'}, found.guardrails.map(each => h('div', {class: 'w6'}, guardrail(each, found)))),
    h('div', {class: 'grid'},
      h('div', {class: 'w6'}, arms(found)),
      h('div', {class: 'w6'}, card('Beside the guardrails', null, evidence('Disasters', found.disaster), evidence('Units get the stated shares', found.sample_ratio)))),
    forecast, decisions(found));
}

function buttons(found, names, load) {
  if (!names.has_key) return h('button', {class: 'quiet', type: 'button', onclick: names.keyed ? askForKey : null, disabled: !names.keyed, title: names.keyed ? '' : 'Set admin.key in the configuration: then the dashboard may change experiments'}, names.keyed ? 'Enter the key to change it' : 'Read only: no admin.key');
  return h('div', {class: 'row'}, (ALLOWED[found.state] ?? []).map(action => h('button', {type: 'button', class: action === 'rollback' ? 'danger' : action === 'promote' ? 'main' : '', onclick: () => confirm(found, action, load)}, ACTIONS[action])));
}

function confirm(found, action, load) {
  const reason = h('input', {type: 'text', maxlength: 900, placeholder: 'for those who read the ledger later'});
  const problem = h('div', {});
  const close = () => dialog.remove();
  const dialog = h('dialog', {oncancel: close}, h('form', {onsubmit: async event => {
    event.preventDefault();
    try {
      await post(`/admin/experiments/${encodeURIComponent(found.name)}/${action}`, {reason: reason.value});
      close();
      await load();
    } catch (error) {
      replace(problem, h('div', {class: 'problem', role: 'alert'}, error.message));
    }
  }}, h('h1', {}, `${ACTIONS[action]}?`), h('p', {class: 'sub'}, {start: 'The treatment goes to the share of its stage.', pause: 'Everybody gets control until it is started again.', promote: 'Everybody gets the treatment; nothing is compared any more.', rollback: 'Everybody gets control, and this version never runs again.'}[action]), h('label', {class: 'field'}, 'Why', reason), problem,
  h('div', {class: 'row'}, h('button', {class: action === 'rollback' ? 'danger' : 'main', type: 'submit'}, ACTIONS[action]), h('button', {type: 'button', onclick: close}, 'Cancel'))));
  document.body.append(dialog);
  dialog.showModal();
}

function evidence(title, each, low) {
  const share = each.log_bound ? Math.max(0, Math.min(1, each.log_evidence / each.log_bound)) : 0;
  const breached = each.log_evidence >= each.log_bound;
  return h('div', {style: {'margin-top': '8px'}}, h('div', {class: 'row middle'}, h('span', {}, title), h('span', {class: 'grow'}), h('span', {class: 'note'}, `e-value ${evalue(each.log_evidence)} of ${evalue(each.log_bound)}`), breached && badge('bad', 'reached')),
    h('div', {class: 'bar'}, h('i', {class: breached ? 'kbad' : share > 0.5 ? 'kwarn' : 'k1', style: {width: `${share * 100}%`}})));
}

function evalue(log) {
  const value = Math.exp(log);
  return value >= 1e6 ? `10^${(log / Math.LN10).toFixed(1)}` : value >= 100 ? count(value) : value.toFixed(value < 10 ? 2 : 0);
}

function guardrail(each, found) {
  const d = each.difference;
  const reach = Math.max(each.margin * 2, d ? Math.max(Math.abs(d.low), Math.abs(d.high)) : 0, 0.01) * 1.08;
  const course = (each.course ?? []).map(([time, , estimate, low, high, log]) => ({time: time / 1000, estimate, low, high, log}));
  return card(each.signal.replace('_', ' '), `margin ${percent(each.margin, 1)}, ${count(each.observations)} observations`,
    d ? [interval({low: d.low, estimate: d.estimate, high: d.high, from: -reach, to: reach, label: `difference ${percent(d.estimate, 1)}, between ${percent(d.low, 1)} and ${percent(d.high, 1)}`,
      marks: [{at: 0, text: 'no difference', zero: true, anchor: 'end'}, {at: each.margin, text: 'margin', anchor: 'start'}], kind: each.log_evidence >= each.log_bound ? 'kbad' : 'k1'}),
    h('p', {class: 'sub'}, `The treatment is ${percent(Math.abs(d.estimate), 1)} ${d.estimate > 0 ? 'worse' : 'better'}; between ${percent(d.low, 1)} and ${percent(d.high, 1)} worse, whenever one looks.`)]
      : h('p', {class: 'note'}, 'Nothing to compare yet.'),
    course.length > 1 && h('div', {class: 'over-time'}, h('h3', {}, 'The confidence sequence over time'), sequence({points: course, format: value => percent(value, 1), label: `The difference over time, now between ${percent(course.at(-1).low, 1)} and ${percent(course.at(-1).high, 1)}`,
      lines: [{at: 0, text: 'no difference', kind: 'zero'}, {at: each.margin, text: 'margin', kind: 'bound'}]}),
    h('h3', {}, 'The e-value over time'), sequence({points: course.map(point => ({time: point.time, low: null, high: null, estimate: point.log})), height: 110, format: evalue, label: `The evidence over time, now ${evalue(each.log_evidence)} of ${evalue(each.log_bound)}`,
      lines: [{at: 0, text: 'says nothing', kind: 'zero'}, {at: each.log_bound, text: 'rolled back', kind: 'bound'}]})),
    evidence('Evidence that it is worse', each), each.not_worse && evidence('Evidence that it is not', each.not_worse),
    h('p', {class: 'note', style: {'margin-top': '8px'}}, `control ${each.control.mean === null ? '–' : percent(each.control.mean, 1)} of ${count(each.control.outcomes)}, treatment ${each.treatment.mean === null ? '–' : percent(each.treatment.mean, 1)} of ${count(each.treatment.outcomes)}`));
}

function arms(found) {
  const arm = key => h('tr', {}, h('td', {}, link('requests', {experiment: found.name, arm: key}, key)), h('td', {class: 'n'}, count(found.units?.[key])), h('td', {class: 'n'}, count(found.requests?.[key])), h('td', {class: 'n'}, dollars(found.cost[key].cost_usd)), h('td', {class: 'n'}, found.cost[key].cost_per_request_usd === null ? '–' : dollars(found.cost[key].cost_per_request_usd)));
  const saved = found.cost.saved;
  return card('Arms', saved ? `saves ${percent(saved.share, 1)} (${percent(saved.low, 1)} to ${percent(saved.high, 1)})` : 'savings not known yet', table([['Arm'], ['Units', 'n'], ['Requests', 'n'], ['Cost', 'n'], ['a request', 'n']], [arm('control'), arm('treatment')], {label: 'Arms'}));
}

function forecastCard(found) {
  const rows = found.stages.flatMap(stage => stage.guardrails.map((each, at) => h('tr', {}, h('td', {}, at === 0 ? percent(stage.share, 1) : ''), h('td', {class: 'n'}, at === 0 ? span(stage.days * 86_400_000) : ''), h('td', {}, each.signal.replace('_', ' ')), h('td', {class: 'n'}, count(each.outcomes_a_day)), h('td', {class: 'n'}, each.baseline === null ? '–' : percent(each.baseline, 1)), h('td', {class: 'n'}, each.detectable === null ? 'nothing' : percent(each.detectable, 1)), h('td', {class: 'n'}, each.days_to_find === null ? 'never' : `${each.days_to_find.toFixed(1)} days`))));
  return card('Forecast', `${count(found.requests_a_day)} requests and ${count(found.units_a_day)} units a day, as the ledger has them`, table([['Share'], ['Lasts', 'n'], ['Signal'], ['Outcomes a day', 'n'], ['Now', 'n'], ['Finds a loss of', 'n'], [`A loss of ${percent(found.effect)} within`, 'n']], rows, {label: 'Forecast'}));
}

function decisions(found) {
  const rows = [...found.decisions].sort((a, b) => b.time_unix_ms - a.time_unix_ms).map(each => h('tr', {}, h('td', {}, when(each.time_unix_ms)), h('td', {}, badge({rollback: 'bad', promote: 'accent', advance: 'good', start: 'good'}[each.action] ?? '', each.action)), h('td', {}, each.actor ?? 'by itself'), h('td', {class: 'n'}, percent(each.share, 1)), h('td', {}, each.reason)));
  return card('Decisions', 'the last 20, from the ledger', rows.length ? table([['When'], ['What'], ['Who'], ['Share', 'n'], ['Why']], rows, {label: 'Decisions'}) : h('p', {class: 'note'}, 'None yet.'));
}

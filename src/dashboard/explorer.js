// What a route would do with a prompt, what its thresholds are worth, and what another policy would have done.
import {h, card, empty, badge, table, replace} from './dom.js';
import {ask, view} from './ask.js';
import {curve} from './chart.js';
import {count, usd, dollars, ms, name, percent, fixed} from './format.js';
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

async function prompt(context, body) {
  const {names, signal, query} = context;
  const text = h('textarea', {rows: 5, 'aria-label': 'Prompt', placeholder: 'Prove that the square root of 2 is irrational', value: query.prompt ?? ''});
  const target = h('select', {'aria-label': 'Model'}, ['auto', ...names.routes.map(each => `triage/${each}`)].map(each => h('option', {value: each, selected: each === query.model}, each)));
  const key = h('select', {'aria-label': 'Key'}, h('option', {value: ''}, 'any key'), names.keys.map(each => h('option', {value: each}, each)));
  const out = h('div', {class: 'list', style: {gap: '16px'}, role: 'status'});
  let latency = {};
  if (names.ledger) view('overview', {last: 604800}, signal).then(found => { latency = Object.fromEntries(found.by.tier.map(each => [each.name, each.latency_ms])); }).catch(() => {});
  const run = async () => {
    if (!text.value.trim()) return text.focus();
    try {
      replace(out, explained(await ask('explain', {prompt: text.value, model: target.value, key: key.value || undefined}, signal), latency));
    } catch (error) {
      if (error.name !== 'AbortError') replace(out, problem(error, names));
    }
  };
  replace(body, card('A prompt', 'nothing is sent', h('form', {onsubmit: event => { event.preventDefault(); run(); }}, text,
    h('div', {class: 'row', style: {'margin-top': '10px'}}, h('label', {class: 'field'}, 'Model', target), names.keys.length > 0 && h('label', {class: 'field'}, 'Key', key), h('button', {class: 'main', type: 'submit'}, 'What would become of it?')))), out);
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
      h('div', {class: 'w6'}, card('What each router says', found.reason, found.chain.length ? found.chain.map(each => h('div', {class: 'opinion'}, h('strong', {}, each.router), h('div', {}, each.tier ? badge('accent', each.tier) : badge('', 'no opinion'), each.floor && badge('', `floor ${each.floor}`), each.score !== null && h('span', {class: 'note'}, ` score ${fixed(each.score)}${each.threshold !== null ? `, threshold ${fixed(each.threshold)}` : ''}`)), h('p', {}, each.reason),
        each.rules.map(rule => h('p', {}, rule.holds ? '✓ ' : '· ', rule.rule, rule.text && `: ${rule.text}`)))) : h('p', {class: 'note'}, 'No router was asked.'))),
      h('div', {class: 'w6'}, card('On each tier', `${count(found.assumed.input_tokens)} tokens in, ${count(found.assumed.output_tokens)} out (${found.assumed.output_from})`, table([['Tier'], ['Estimated cost', 'n'], ['If escalated to', 'n'], ['Median latency', 'n'], ['p95', 'n'], ['']], found.tiers.map((each, at) => h('tr', {}, h('td', {}, name(each.tier)), h('td', {class: 'n'}, usd(each.cost_nano_usd)),
        h('td', {class: 'n'}, cascade && at > chosen && chosen >= 0 && each.cost_nano_usd !== null ? usd(each.cost_nano_usd + (found.tiers[chosen].cost_nano_usd ?? 0)) : '–'),
        h('td', {class: 'n'}, ms(latency[each.tier]?.p50)), h('td', {class: 'n'}, ms(latency[each.tier]?.p95)), h('td', {}, each.tier === found.tier ? badge('good', 'goes here') : !each.can_take_it ? badge('warn', 'cannot take it') : ''))), {label: 'Tiers'}),
        ensemble && h('p', {class: 'note'}, `An ensemble would pay both: ${usd(['cheap', 'strong'].reduce((sum, side) => sum + (found.tiers.find(each => each.tier === ensemble[side])?.cost_nano_usd ?? 0), 0))}. `), h('p', {class: 'note'}, 'Latency: of the last 7 days.')))),
    card('Deployments', found.note, table([['Asked'], ['Deployment'], ['Tier'], ['Share', 'n'], ['Cost', 'n'], ['Why not', 'wide']], found.deployments.map(each => h('tr', {}, h('td', {}, each.place ?? '–'), h('td', {}, each.deployment, h('span', {class: 'note'}, ` ${each.provider}`)), h('td', {}, name(each.tier)), h('td', {class: 'n'}, percent(each.share)), h('td', {class: 'n'}, usd(each.cost_nano_usd)), h('td', {class: 'wide note'}, each.why_not ?? ''))), {label: 'Deployments'}))];
}

async function thresholds(context, body) {
  const {names, query, go, signal} = context;
  const route = query.route ?? names.routes[0];
  const out = h('div', {class: 'list', style: {gap: '16px'}});
  replace(body, h('div', {class: 'row middle'}, h('label', {class: 'row middle'}, 'Route', select(names.routes, route, value => go('explorer', {...query, route: value}))), h('span', {class: 'note'}, 'The route\'s own graded traffic: its scored pairs of answers.')), out);
  replace(out, h('div', {class: 'waiting'}), h('p', {class: 'note'}, 'The route is run over its graded traffic …'));
  try {
    const found = await ask('sweep', {route}, signal);
    replace(out, slider(found));
  } catch (error) {
    if (error.name !== 'AbortError') replace(out, h('section', {class: 'card'}, empty('Nothing to measure', error.message)), h('p', {class: 'note'}, 'Pairs come from an ensemble or a shadow with a picker; prompts must be recorded for the routers to be run on them.'));
  }
}

function slider(found) {
  if (!found.steps.length) return h('section', {class: 'card'}, empty('No score', 'No router of this route gives a score, so there is no threshold to move.'));
  const steps = found.steps.map(([threshold, share, quality, cost, easy, hard, qualityHalf, costHalf]) => ({threshold, share, quality, cost, easy, hard, qualityHalf, costHalf}));
  const now = found.threshold === null ? -1 : steps.reduce((best, each, at) => (each.threshold !== null && Math.abs(each.threshold - found.threshold) < Math.abs((steps[best]?.threshold ?? 1e9) - found.threshold) ? at : best), 0);
  const input = h('input', {type: 'range', min: 0, max: steps.length - 1, value: Math.max(0, now), 'aria-label': 'Threshold'});
  const figures = h('div', {class: 'figures'});
  const plot = h('div', {});
  const questions = h('div', {});
  const draw = () => {
    const at = steps[Number(input.value)];
    const was = steps[now];
    const diff = (value, text) => (was && was !== at ? `${value > 0 ? '+' : ''}${text} to in force` : '');
    input.setAttribute('aria-valuetext', `threshold ${at.threshold === null ? 'above all' : fixed(at.threshold)}, quality ${fixed(at.quality)}`);
    const each = (label, big, small) => h('div', {class: 'figure'}, h('div', {class: 'label'}, label), h('div', {class: 'big'}, big), h('div', {class: 'small'}, small));
    replace(figures,
      each('Threshold', at.threshold === null ? 'above all' : fixed(at.threshold), found.threshold === null ? 'none in force' : `in force ${fixed(found.threshold)}`),
      each('To the strong tier', percent(at.share, 1), diff(at.share - (was?.share ?? 0), percent(at.share - (was?.share ?? 0), 1))),
      each('Quality', fixed(at.quality), `± ${fixed(at.qualityHalf)}, 95 %`),
      each('Cost a request', found.costs ? dollars(at.cost) : 'unknown', found.costs ? `± ${dollars(at.costHalf)}` : ''),
      each('Easy, sent up', count(at.easy), `of ${count(found.easy)}: paid for nothing`),
      each('Hard, kept down', count(at.hard), `of ${count(found.hard)}: worse answers`));
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
  return [figures, card(found.main === null ? 'Threshold' : found.curves[found.main].title, `${count(found.rows)} graded requests; ${found.data}`, input, h('div', {class: 'row middle'}, h('span', {class: 'note'}, 'all to the weak tier'), h('span', {class: 'grow'}), h('span', {class: 'note'}, 'all to the strong tier'))), card('Quality by cost', 'dashed: drawing lots', plot), questions, h('p', {class: 'note'}, found.verdict)];
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

// What `triage replay --json` says, whatever members it has.
function replayed(found) {
  const plain = Object.entries(found).filter(([, value]) => value === null || typeof value !== 'object');
  const rest = Object.entries(found).filter(([key, value]) => value !== null && typeof value === 'object' && key !== 'notes');
  return [card('What would have changed', found.route, h('dl', {class: 'pair'}, plain.map(([key, value]) => [h('dt', {}, key.replaceAll('_', ' ')), h('dd', {}, shown(value))]))),
    h('div', {class: 'grid'}, rest.map(([key, value]) => h('div', {class: 'w6'}, card(key.replaceAll('_', ' '), null, tree(value))))), (found.notes ?? []).map(each => h('p', {class: 'note'}, each))];
}

const shown = value => (typeof value === 'number' && !Number.isInteger(value) ? (Math.abs(value) < 0.01 ? value.toPrecision(3) : value.toFixed(4)) : value === null ? '–' : String(value));
function tree(value) {
  if (value === null || typeof value !== 'object') return shown(value);
  if (Array.isArray(value)) return value.length ? h('div', {class: 'list'}, value.map(each => h('div', {}, tree(each)))) : 'none';
  return h('dl', {class: 'pair'}, Object.entries(value).map(([key, each]) => [h('dt', {}, key.replaceAll('_', ' ')), h('dd', {}, tree(each))]));
}

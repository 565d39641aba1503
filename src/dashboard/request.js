// One request: its attempts as a waterfall, what each router said, what is known of the answer.
import {h, card, empty, badge, link, replace} from './dom.js';
import {view} from './ask.js';
import {usd, ms, name, when, percent, fixed, count, messages, question} from './format.js';
import {askForKey} from './app.js';

const KINDS = {completed: 'kgood', failed: 'kbad', rejected: 'kwarn', truncated: 'kwarn', cancelled: 'kdim'};
const BADGES = {completed: 'good', failed: 'bad', rejected: 'warn', truncated: 'warn'};

export async function show(context) {
  const {main, query, names, signal} = context;
  const found = await view('request', {id: query.id ?? ''}, signal);
  const {record, attempts, feedback, grades, shadows} = found;
  const saved = record.frontier_cost_nano_usd && record.cost_nano_usd !== null ? 1 - record.cost_nano_usd / record.frontier_cost_nano_usd : null;
  replace(main,
    h('div', {class: 'head'}, h('a', {href: '#/requests', onclick: event => { if (history.length > 1) { event.preventDefault(); history.back(); } }}, '← Requests'),
      h('h1', {}, when(record.time_unix_ms)), badge({ok: 'good', cancelled: 'warn'}[record.outcome] ?? 'bad', record.outcome.replace('_', ' ')), h('code', {class: 'sub'}, record.id),
      h('span', {class: 'grow'}), record.prompt && link('explorer', {prompt: question(record.prompt), model: names.routes.includes(record.route) ? `triage/${record.route}` : null}, 'What would become of it now?')),
    h('div', {class: 'figures'},
      figure('Route', link('requests', {route: record.route ?? ''}, name(record.route)), record.experiment ? `${record.experiment.name}: ${record.experiment.arm}` : 'in no experiment'),
      figure('Tier', name(record.tier), record.class ? `class ${record.class}` : ''),
      figure('Latency', ms(record.latency_ms), record.ttft_ms ? `first token ${ms(record.ttft_ms)}` : ''),
      figure('Cost', usd(record.cost_nano_usd), saved === null ? '' : `${percent(saved)} less than at the top tier`),
      figure('Gateway', record.overhead_us === null ? '–' : `${record.overhead_us} µs`, 'its own time'),
      figure('Answered', record.status ?? '–', record.error ?? (record.streamed ? 'as a stream' : 'at once'))),
    card('Attempts', `${attempts.length}, over ${ms(record.latency_ms)}`, attempts.length ? waterfall(record, attempts) : h('p', {class: 'note'}, 'No deployment was asked.')),
    h('div', {class: 'grid'},
      h('div', {class: 'w6'}, card('What each router said', null, record.chain?.length ? record.chain.map(opinion) : h('p', {class: 'note'}, 'No router was asked.'))),
      h('div', {class: 'w6'}, card('Quality', null, quality(record, feedback, grades)), record.pair && h('div', {style: {'margin-top': '16px'}}, pair(record.pair)))),
    texts(record, found.texts_hidden, names),
    h('div', {class: 'grid'},
      h('div', {class: 'w6'}, card('Request', null, h('dl', {class: 'pair'}, [['Asked for', record.model_requested], ['Path', record.path], ['Key', record.key], ['Configuration', record.config_version], ['Prices', record.price_version], ['Finish', record.finish_reason], ['Answer id', record.completion_id]].filter(each => each[1]).map(([key, value]) => [h('dt', {}, key), h('dd', {}, value)])))),
      shadows.length > 0 && h('div', {class: 'w6'}, card('Shadows', null, shadows.map(each => h('p', {}, link('request', {id: each.id}, each.id), ` ${usd(each.cost_nano_usd)}`))))));
}

const figure = (label, big, small) => h('div', {class: 'figure'}, h('div', {class: 'label'}, label), h('div', {class: 'big'}, big), h('div', {class: 'small'}, small));

function waterfall(record, attempts) {
  const whole = Math.max(record.latency_ms ?? 0, ...attempts.map(each => (each.start_ms ?? 0) + (each.latency_ms ?? 0)), 1);
  const at = value => `${((value ?? 0) / whole) * 100}%`;
  return h('div', {class: 'waterfall'}, attempts.map((each, index) => {
    const first = each.ttft_ms ?? 0;
    const tokens = [each.tokens_input !== null && `${count(each.tokens_input)} in`, each.tokens_output !== null && `${count(each.tokens_output)} out`].filter(Boolean).join(', ');
    const why = [each.purpose !== 'answer' && `to ${each.purpose}`, each.verdict && `rejected: ${each.verdict}${each.score !== null ? ` (${fixed(each.score, 2)})` : ''}`, each.error && `${each.error}${each.status ? ` (${each.status})` : ''}`, each.dropped && `not told: ${each.dropped}`, each.usage_source === 'estimated' && 'tokens are estimated'].filter(Boolean).join(' · ');
    return h('div', {class: 'step'},
      h('div', {}, badge(each.cause === 'escalation' ? 'accent' : each.cause === 'first' ? '' : 'warn', each.cause), ' ', h('strong', {}, name(each.deployment)), h('div', {class: 'note'}, `${name(each.tier)} · ${name(each.provider)}`)),
      h('div', {class: 'track', role: 'img', 'aria-label': `attempt ${index + 1}: from ${ms(each.start_ms)} for ${ms(each.latency_ms)}, ${each.end}`},
        first > 0 && h('span', {class: `span wait ${KINDS[each.end] ?? 'kdim'}`, style: {left: at(each.start_ms), width: at(first)}}),
        h('span', {class: `span ${KINDS[each.end] ?? 'kdim'}`, style: {left: at(each.start_ms + first), width: at(Math.max(0, each.latency_ms - first))}})),
      h('div', {class: 'cost'}, badge(BADGES[each.end] ?? '', each.end), ` ${ms(each.latency_ms)}`, h('div', {}, usd(each.cost_nano_usd), tokens && ` · ${tokens}`)),
      why && h('div', {class: 'why'}, why));
  }), h('p', {class: 'note'}, 'Pale: until the first token.'));
}

function opinion(each) {
  return h('div', {class: 'opinion'}, h('strong', {}, each.router), h('div', {}, each.tier ? badge('accent', each.tier) : badge('', 'no opinion'), each.score !== null && each.score !== undefined && h('span', {class: 'note'}, ` score ${fixed(each.score)}${each.threshold !== null && each.threshold !== undefined ? `, threshold ${fixed(each.threshold)}` : ''}`)), h('p', {}, each.reason, each.model && ` (model ${each.model})`));
}

function quality(record, feedback, grades) {
  const signals = Object.entries(record.signals ?? {});
  return h('div', {class: 'list'},
    signals.length > 0 && h('div', {class: 'row'}, signals.map(([key, value]) => badge(value === true ? 'warn' : '', `${key.replace('_', ' ')}: ${value === true ? 'yes' : value === false ? 'no' : value}`))),
    feedback.map(each => h('div', {}, badge(each.thumb === 'up' ? 'good' : each.thumb === 'down' ? 'bad' : '', each.thumb ? `thumb ${each.thumb}` : `score ${fixed(each.score, 2)}`), each.task_completed !== null && [' ', badge('', each.task_completed ? 'task completed' : 'task not completed')], h('span', {class: 'note'}, ` ${when(each.time_unix_ms)}`), each.comment && h('p', {}, each.comment), each.corrected && h('pre', {}, each.corrected))),
    grades.map(each => h('div', {}, badge('accent', `${each.grader} ${each.score === null ? 'cannot tell' : fixed(each.score, 2)}`), h('span', {class: 'note'}, ` ${each.version ?? ''}${each.against ? `, against ${each.against}` : ''}${each.cost_nano_usd ? `, ${usd(each.cost_nano_usd)}` : ''}`), each.reason && h('p', {}, each.reason))),
    !signals.length && !feedback.length && !grades.length && h('p', {class: 'note'}, 'Nothing is known of the answer.'));
}

function pair(each) {
  const half = (title, side) => h('div', {class: 'opinion'}, h('strong', {}, title), h('div', {}, side ? [name(side.deployment), h('span', {class: 'note'}, ` ${name(side.tier)}, score ${fixed(side.score, 2)}, ${usd(side.cost_nano_usd)}`)] : 'no answer'), side?.answer && h('p', {}, side.answer));
  return card(each.kind, `picked ${each.picked ?? 'none'}, given ${each.given}`, half('cheap', each.cheap), half('strong', each.strong), each.reason && h('p', {class: 'note'}, each.reason));
}

function texts(record, hidden, names) {
  if (hidden && names.keyed) return card('Prompt and answer', null, h('p', {class: 'note'}, 'They are shown with the admin key only. '), h('button', {type: 'button', onclick: askForKey}, 'Enter the key'));
  if (!record.prompt && !record.answer) return card('Prompt and answer', null, h('p', {class: 'note'}, record.content === 'omitted' ? 'They were too long to be kept.' : ['They are not recorded: ', h('code', {}, 'record'), ' of the route says whether they are.']));
  return h('div', {class: 'grid'}, h('div', {class: 'w6'}, card('Prompt', record.content, messages(record.prompt ?? '').map(each => h('div', {class: 'said'}, each.role && h('div', {class: 'label'}, each.role), h('pre', {}, each.text))))), h('div', {class: 'w6'}, card('Answer', null, h('pre', {}, record.answer ?? ''))));
}

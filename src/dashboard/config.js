// The configuration in force, and what another one would change.
import {h, card, badge, replace} from './dom.js';
import {get, ask} from './ask.js';
import {when} from './format.js';
import {askForKey} from './app.js';

export async function show(context) {
  const {main, signal, names} = context;
  const [state, config] = await Promise.all([get('/health/ready', signal), get('/admin/config', signal)]);
  const out = h('div', {role: 'status', class: 'list'});
  const text = h('textarea', {class: 'code', rows: 14, spellcheck: 'false', 'aria-label': 'A candidate', placeholder: 'Paste a whole configuration here'});
  const button = h('button', {class: 'main', type: 'button', onclick: async () => {
    button.disabled = true;
    replace(out, h('p', {class: 'note'}, 'It is being checked …'));
    try {
      replace(out, found(await ask('check', {config: text.value}, signal)));
    } catch (error) {
      if (error.name !== 'AbortError') replace(out, h('div', {class: 'problem', role: 'alert'}, error.message), error.status === 401 && names.keyed && h('button', {type: 'button', onclick: askForKey}, 'Enter the key'));
    }
    button.disabled = false;
  }}, 'What would it change?');
  replace(main,
    h('div', {class: 'head'}, h('h1', {}, 'Configuration'), badge('accent', `version ${state.version}`), h('span', {class: 'sub'}, `in force since ${when(state.loaded_unix * 1000)}`)),
    state.last_reload_error && h('div', {class: 'problem'}, `The last reload failed: ${state.last_reload_error}`),
    state.at_next_start?.length > 0 && h('div', {class: 'problem mild'}, `Changed, but in force only after a restart: ${state.at_next_start.join(', ')}`),
    state.problems?.map(each => h('div', {class: 'problem mild'}, each)),
    h('div', {class: 'grid'},
      h('div', {class: 'w6'}, card('A candidate', 'nothing is applied', text, h('div', {class: 'row middle', style: {margin: '10px 0'}}, button, h('label', {}, h('input', {type: 'file', accept: '.yaml,.yml,.json', onchange: async event => { if (event.target.files[0]) text.value = await event.target.files[0].text(); }}))), out)),
      h('div', {class: 'w6'}, card('In force', 'secrets are hidden', h('pre', {class: 'tall'}, yaml(config))))));
}

function found({check, diff}) {
  const said = check.diagnostics.map(each => h('div', {class: `problem${each.severity === 'warning' ? ' mild' : ''}`}, h('strong', {}, `${each.severity}, line ${each.line}: `), each.message, each.fix && `\n${each.fix}`));
  if (!check.ok) return [h('div', {class: 'row middle'}, badge('bad', 'cannot be served')), said];
  const changes = wanted => diff.changes.filter(each => each.traffic === wanted).map(each => h('div', {class: 'opinion'}, badge({added: 'good', removed: 'bad'}[each.change] ?? 'warn', each.change), h('span', {}, each.text)));
  const traffic = changes(true);
  const rest = changes(false);
  return [h('div', {class: 'row middle'}, badge('good', 'can be served'), badge('', `version ${check.version}`), traffic.length === 0 && badge('', 'nothing changes for traffic')), said,
    traffic.length > 0 && [h('h3', {}, 'What changes for traffic'), traffic], rest.length > 0 && [h('h3', {}, 'Besides'), rest]];
}

// JSON as one reads a configuration.
function yaml(value, indent = '') {
  if (value === null || typeof value !== 'object') return scalar(value);
  const entries = Array.isArray(value) ? value.map(each => ['-', each]) : Object.entries(value).map(([key, each]) => [`${scalar(key)}:`, each]);
  if (!entries.length) return Array.isArray(value) ? '[]' : '{}';
  return entries.map(([key, each]) => {
    const nested = each !== null && typeof each === 'object' && Object.keys(each).length > 0;
    if (!nested) return `${indent}${key} ${yaml(each)}`;
    if (key === '-') return `${indent}- ${yaml(each, indent + '  ').trimStart()}`;
    return `${indent}${key}\n${yaml(each, indent + '  ')}`;
  }).join('\n');
}

const scalar = value => (typeof value === 'string' && /^[\w./@-][\w ./@-]*$/.test(value) ? value : JSON.stringify(value));

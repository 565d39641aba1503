// The frame around the pages: which one is shown, what all of them know, the key, the colours.
import {h, replace, address} from './dom.js';
import {view, get, adminKey, setAdminKey, onKey} from './ask.js';
import {themes} from './theme.js';

const PAGES = {
  overview: ['Overview', () => import('./overview.js')],
  requests: ['Requests', () => import('./requests.js')],
  experiments: ['Experiments', () => import('./experiments.js')],
  explorer: ['Router explorer', () => import('./explorer.js')],
  config: ['Configuration', () => import('./config.js')],
  request: [null, () => import('./request.js')],
};

const main = document.getElementById('page');
let leave = null;  // of the page that is shown
let turn = 0;

/// What all pages use: the names that there are, and whether the key was sent and is right.
let known = null;
let knownAt = 0;
async function knowledge() {
  if (!known || Date.now() - knownAt > 30000) {
    known = await view('names').catch(error => ({problem: error, routes: [], tiers: [], deployments: [], keys: [], models: [], experiments: []}));
    knownAt = Date.now();
  }
  return known;
}

function here() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [page, ...rest] = path.split('/');
  return {page: PAGES[page] ? page : 'overview', rest: rest.map(decodeURIComponent), query: Object.fromEntries(new URLSearchParams(query ?? ''))};
}

/// Changes the query of the page that is shown, and shows it again.
export function go(page, query, replaceIt = false) {
  const to = address(page, query);
  if (replaceIt) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  return show();
}

function showNav(page) {
  const at = page === 'request' ? 'requests' : page;
  replace(document.getElementById('nav'), Object.entries(PAGES).filter(([, [title]]) => title).map(([name, [title]]) =>
    h('a', {href: address(name), 'aria-current': name === at ? 'page' : null}, title)));
  const nav = document.getElementById('nav');
  const chosen = nav.querySelector('[aria-current]');
  if (chosen && nav.scrollWidth > nav.clientWidth) nav.scrollLeft = chosen.offsetLeft - nav.offsetLeft - 20;
}

async function show() {
  const mine = ++turn;
  const {page, rest, query} = here();
  leave?.();
  leave = null;
  showNav(page);
  document.title = `${PAGES[page][0] ?? 'Request'} · Triage`;
  if (!main.childElementCount) replace(main, h('div', {class: 'waiting', 'aria-label': 'loading'}));
  const [module, names] = await Promise.all([PAGES[page][1](), knowledge()]);
  if (mine !== turn) return;
  const cancel = new AbortController();
  const ends = [() => cancel.abort()];
  leave = () => ends.forEach(each => each());
  const context = {main, query, rest, names, signal: cancel.signal, go, onleave: each => ends.push(each), current: () => mine === turn};
  try {
    await module.show(context);
  } catch (error) {
    if (error.name === 'AbortError' || mine !== turn) return;
    if (error.status === 401) askForKey();
    replace(main, h('div', {class: 'problem', role: 'alert'}, error.message));
  }
}

/// Calls work() now and every `seconds` while the page is shown and the window is seen.
export function every(context, seconds, work) {
  let stopped = false;
  const timer = setInterval(() => {
    if (!stopped && !document.hidden) work().catch(() => {});
  }, seconds * 1000);
  context.onleave(() => {
    stopped = true;
    clearInterval(timer);
  });
}

export function askForKey() {
  if (document.querySelector('dialog[open]')) return;
  const input = h('input', {type: 'password', autocomplete: 'off', 'aria-label': 'Admin key', placeholder: 'tk-…'});
  const close = () => dialog.remove();
  const dialog = h('dialog', {oncancel: close},
    h('form', {onsubmit: event => {
      event.preventDefault();
      setAdminKey(input.value.trim());
      close();
    }},
      h('h1', {}, 'Admin key'),
      h('p', {class: 'sub'}, 'With it the dashboard shows prompts and answers, and may change experiments. It is kept until this tab is closed. The configuration names it in ', h('code', {}, 'admin.key'), '.'),
      input,
      h('div', {class: 'row'}, h('button', {class: 'main', type: 'submit'}, 'Use it'),
        h('button', {type: 'button', onclick: () => { setAdminKey(''); close(); }}, 'Without a key'))));
  document.body.append(dialog);
  dialog.showModal();
}

function showKey() {
  const button = document.getElementById('key');
  const right = known?.has_key;
  button.hidden = known ? !known.keyed && !known.problem : true;
  button.textContent = right ? 'Key in use' : adminKey() ? 'Wrong key' : 'Read only';
  button.title = right ? 'The admin key is right: changes are possible' : 'Enter the admin key';
}

async function showHealth() {
  const place = document.getElementById('health');
  try {
    const state = await get('/health/ready');
    const problems = [...(state.problems ?? []), ...(state.last_reload_error ? [`the last reload failed: ${state.last_reload_error}`] : [])];
    const serving = state.status === 'ready';
    place.className = `health ${!serving ? 'bad' : problems.length ? 'warn' : 'good'}`;
    place.textContent = !serving ? 'stopping' : problems.length ? `${problems.length} ${problems.length > 1 ? 'problems' : 'problem'}` : 'serving';
    place.title = problems.join('\n') || `configuration ${state.version}`;
  } catch {
    place.className = 'health bad';
    place.textContent = 'no answer';
  }
}

themes(document.getElementById('theme'));
document.getElementById('key').addEventListener('click', askForKey);
document.querySelector('.skip').addEventListener('click', event => { event.preventDefault(); main.focus(); });
onKey(async () => { knownAt = 0; await knowledge(); showKey(); show(); });
window.addEventListener('hashchange', show);
window.addEventListener('popstate', show);
knowledge().then(showKey);
showHealth();
setInterval(() => !document.hidden && showHealth(), 5000);
show();

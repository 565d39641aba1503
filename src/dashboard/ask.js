// Requests to the admin address that this page came from, and nowhere else.

const KEY = 'triage-admin-key';
const listeners = new Set();

export const adminKey = () => sessionStorage.getItem(KEY) ?? '';
export function setAdminKey(key) {
  if (key) sessionStorage.setItem(KEY, key);
  else sessionStorage.removeItem(KEY);
  for (const each of listeners) each();
}
export const onKey = listener => listeners.add(listener);

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function send(method, path, body, signal) {
  // A field that no form and no image can send: see src/admin/pages.hpp.
  const headers = {'x-triage-dashboard': '1'};
  if (adminKey()) headers.authorization = `Bearer ${adminKey()}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  let answer;
  try {
    answer = await fetch(path, {method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal, credentials: 'omit', cache: 'no-store'});
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refused(0, 'the gateway does not answer');
  }
  if (path === '/metrics') return answer.text();
  const text = await answer.text();
  let json = null;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Refused(answer.status, `the gateway answered ${answer.status} without JSON`);
  }
  if (!answer.ok && path !== '/health/ready') throw new Refused(answer.status, json?.error?.message ?? `the gateway answered ${answer.status}`);
  return json;
}

/// view('overview', {last: 3600}) -> object
export function view(name, query = {}, signal) {
  const parts = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const text = new URLSearchParams(parts).toString();
  return send('GET', `/api/ui/${name}${text ? '?' + text : ''}`, undefined, signal);
}
export const ask = (name, body, signal) => send('POST', `/api/ui/${name}`, body, signal);
export const get = (path, signal) => send('GET', path, undefined, signal);
export const post = (path, body) => send('POST', path, body);

/// The samples of some metrics: [{name, labels, value}].
export async function metrics(names, signal) {
  const text = await get('/metrics', signal);
  const out = [];
  for (const line of text.split('\n')) {
    if (!line || line[0] === '#') continue;
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!match || !names.includes(match[1])) continue;
    const labels = {};
    for (const [, key, value] of (match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
      labels[key] = value.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));
    out.push({name: match[1], labels, value: Number(match[3])});
  }
  return out;
}

// Elements from values. Text is always text: nothing here, or anywhere in the dashboard, parses HTML.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'style') for (const [key, each] of Object.entries(value)) node.style.setProperty(key, each);
    else if (name === 'value') node.value = value;
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  append(node, children);
  return node;
}

export function append(node, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

/// h('a', {href: '#/x', onclick: f}, 'text', [more]) -> element
export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);
/// The same in SVG.
export const s = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);

export function replace(node, ...children) {
  node.replaceChildren();
  return append(node, ...children);
}

/// A link inside the dashboard: link('requests', {route: 'chat'}, 'text').
export function address(page, query = {}) {
  const parts = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const text = new URLSearchParams(parts).toString();
  return `#/${page}${text ? '?' + text : ''}`;
}
export const link = (page, query, ...children) => h('a', {href: address(page, query)}, ...children);

export const card = (title, note, ...children) =>
  h('section', {class: 'card'}, title && h('header', {}, h('h2', {}, title), note && h('span', {class: 'note'}, note)), ...children);

export const empty = (title, ...text) => h('div', {class: 'empty'}, h('strong', {}, title), h('p', {}, ...text));

export const badge = (kind, text) => h('span', {class: `badge ${kind}`}, text);

export function table(heads, rows, options = {}) {
  return h('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': options.label ?? 'table'},
    h('table', {class: options.class ?? ''},
      h('thead', {}, h('tr', {}, heads.map(([text, kind]) => h('th', {class: kind, scope: 'col'}, text)))),
      h('tbody', {}, rows)));
}

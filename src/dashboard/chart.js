// Charts over time, drawn by hand: at most a few hundred points each.
import {h, s, replace} from './dom.js';

const PAD = {left: 46, right: 8, top: 8, bottom: 20};

// Round steps for about `most` marks from 0 to `top`.
export function marks(top, most = 4, least = 0) {
  if (!(top > 0)) return [0, 1];
  const rough = Math.max(top / most, least);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map(each => each * power).find(each => each >= rough);
  const out = [];
  for (let at = 0; at < top + step * 0.999; at += step) out.push(at);
  return out;
}

function clock(unixS, stepS) {
  const time = new Date(unixS * 1000);
  if (stepS >= 7200) return time.toLocaleDateString('en-GB', {day: 'numeric', month: 'short'});
  return time.toLocaleTimeString('en-GB', {hour: '2-digit', minute: '2-digit'});
}

/// chart({times, step, series: [{name, kind, values, dash}], stacked, format, label, onpick(unixS)}) -> element.
/// `kind` is a class of style.css: k0, kgood. A value may be null: a gap.
export function chart(options) {
  const {times, step, series, stacked = false, format = String, label, height = 180, onpick, top: fixedTop, whole = false} = options;
  const box = h('div', {class: 'chart'});
  const legend = series.length > 1 && h('div', {class: 'legend'}, series.map(each => h('span', {}, h('i', {class: each.kind}), each.name)));
  const sum = at => series.reduce((total, each) => total + (each.values[at] ?? 0), 0);
  const peak = Math.max(0, ...times.map((_, at) => (stacked ? sum(at) : Math.max(...series.map(each => each.values[at] ?? 0)))));
  const ticks = fixedTop ? marks(fixedTop) .filter(each => each <= fixedTop) : marks(peak, 4, whole ? 1 : 0);
  const top = ticks.at(-1) || 1;
  let chosen = -1;

  function draw() {
    const width = Math.max(240, box.clientWidth || 600);
    const inner = width - PAD.left - PAD.right;
    const x = at => PAD.left + (times.length > 1 ? (at / (times.length - 1)) * inner : inner / 2);
    const y = value => PAD.top + (1 - Math.min(value, top) / top) * (height - PAD.top - PAD.bottom);
    const shapes = [];
    const base = times.map(() => 0);
    for (const each of series) {
      if (stacked) {
        const low = base.map((value, at) => `${x(at)},${y(value)}`).reverse();
        each.values.forEach((value, at) => (base[at] += value ?? 0));
        const high = base.map((value, at) => `${x(at)},${y(value)}`);
        shapes.push(s('polygon', {class: `area ${each.kind}`, points: [...high, ...low].join(' ')}));
      } else {
        let path = '';
        let open = false;
        each.values.forEach((value, at) => {
          const there = value !== null && value !== undefined && Number.isFinite(value);
          const alone = there && !open && (each.values[at + 1] === null || each.values[at + 1] === undefined);
          if (there) path += `${open ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}${alone ? 'h.1' : ''}`;
          open = there;
        });
        shapes.push(s('path', {class: `line ${each.kind}${each.dash ? ' dash' : ''}`, d: path || 'M0 0', 'stroke-linecap': 'round'}));
      }
    }
    const every = Math.max(1, Math.ceil(times.length / Math.max(2, Math.floor(inner / 90))));
    const svg = s('svg', {viewBox: `0 0 ${width} ${height}`, height, role: 'img', 'aria-label': label, tabindex: 0},
      ticks.map(tick => [s('line', {class: 'axis', x1: PAD.left, x2: width - PAD.right, y1: y(tick), y2: y(tick)}),
        s('text', {x: PAD.left - 8, y: y(tick) + 4, 'text-anchor': 'end'}, format(tick))]),
      shapes,
      times.map((time, at) => at % every === 0 && s('text', {x: x(at), y: height - 4, 'text-anchor': at === 0 ? 'start' : x(at) > width - 40 ? 'end' : 'middle'}, clock(time, step))));
    const rule = s('line', {class: 'rule', y1: PAD.top, y2: height - PAD.bottom, visibility: 'hidden'});
    const tip = h('div', {class: 'tip', hidden: true});
    svg.append(rule);
    const show = at => {
      chosen = at;
      rule.setAttribute('x1', x(at));
      rule.setAttribute('x2', x(at));
      rule.setAttribute('visibility', 'visible');
      tip.hidden = false;
      replace(tip, h('strong', {}, new Date(times[at] * 1000).toLocaleString('en-GB', {day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit'})),
        [...series].reverse().map(each => h('div', {}, h('span', {}, h('i', {class: each.kind}), ' ', each.name), h('span', {}, each.values[at] === null || each.values[at] === undefined ? '–' : format(each.values[at])))));
      const left = x(at) + 12;
      tip.style.left = `${left + tip.offsetWidth > width ? Math.max(0, x(at) - 12 - tip.offsetWidth) : left}px`;
    };
    const hide = () => {
      chosen = -1;
      rule.setAttribute('visibility', 'hidden');
      tip.hidden = true;
    };
    svg.addEventListener('pointermove', event => {
      const at = Math.round(((event.clientX - svg.getBoundingClientRect().left) / svg.clientWidth * width - PAD.left) / inner * (times.length - 1));
      show(Math.min(times.length - 1, Math.max(0, at)));
    });
    svg.addEventListener('pointerleave', hide);
    svg.addEventListener('blur', hide);
    svg.addEventListener('keydown', event => {
      const move = {ArrowLeft: -1, ArrowRight: 1}[event.key];
      if (move) {
        event.preventDefault();
        show(Math.min(times.length - 1, Math.max(0, (chosen < 0 ? (move < 0 ? times.length : -1) : chosen) + move)));
      }
      if (event.key === 'Enter' && chosen >= 0 && onpick) onpick(times[chosen]);
    });
    if (onpick) {
      svg.style.cursor = 'pointer';
      svg.addEventListener('click', () => chosen >= 0 && onpick(times[chosen]));
    }
    replace(box, svg, tip);
  }
  let width = 0;
  new ResizeObserver(() => {
    if (box.clientWidth === width) return;
    width = box.clientWidth;
    draw();
  }).observe(box);
  return h('div', {}, box, legend);
}

/// A confidence sequence over time: sequence({points: [{time, low, estimate, high}], lines: [{at, text, kind}], format, label}).
/// What is beyond the lines' surroundings is cut off: a sequence begins as wide as the scale.
export function sequence({points, lines, format, label, height = 150}) {
  const box = h('div', {class: 'chart'});
  const last = points.at(-1);
  const reach = [...lines.map(each => each.at), ...(last.low === null ? points.map(each => each.estimate) : [last.low, last.high])];
  const room = Math.max(...reach) - Math.min(...reach) || 1;
  const [bottom, top] = [Math.min(...reach) - room * 0.15, Math.max(...reach) + room * 0.15];
  function draw() {
    const width = Math.max(240, box.clientWidth || 500);
    const [from, to] = [points[0].time, last.time];
    const x = time => 52 + (to > from ? (time - from) / (to - from) : 1) * (width - 60);
    const y = value => 6 + (1 - (Math.min(top, Math.max(bottom, value)) - bottom) / (top - bottom)) * (height - 28);
    const path = (values, key) => values.map(each => `${x(each.time).toFixed(1)},${y(each[key]).toFixed(1)}`);
    const day = to - from > 172800;
    replace(box, s('svg', {viewBox: `0 0 ${width} ${height}`, height, role: 'img', 'aria-label': label},
      last.low !== null && s('polygon', {class: 'band k1', points: [...path(points, 'high'), ...path([...points].reverse(), 'low')].join(' ')}),
      lines.map((each, at) => [s('line', {class: each.kind, x1: 52, x2: width - 8, y1: y(each.at), y2: y(each.at)}), s('text', {x: 46, y: y(each.at) + (at ? -1 : 11), 'text-anchor': 'end'}, format(each.at))]),
      s('polyline', {class: 'line k1', points: path(points, 'estimate').join(' ')}),
      [from, to].map((time, at) => s('text', {x: at ? width - 8 : 52, y: height - 4, 'text-anchor': at ? 'end' : 'start'}, clock(time, day ? 86400 : 60)))));
  }
  new ResizeObserver(draw).observe(box);
  return h('div', {}, box, h('div', {class: 'legend'}, lines.map(each => h('span', {}, `${format(each.at)}: ${each.text}`))));
}

/// An interval on a scale, with marks: interval({low, estimate, high, from, to, marks: [{at, text}]}).
export function interval({low, estimate, high, from, to, marks: lines = [], kind = 'k1', label}) {
  const at = value => `${(Math.min(1, Math.max(0, (value - from) / (to - from))) * 100).toFixed(2)}%`;
  return s('svg', {height: 34, role: 'img', 'aria-label': label},
    s('line', {class: 'axis', x1: '0%', x2: '100%', y1: 12, y2: 12}),
    lines.map(each => [s('line', {class: each.zero ? 'zero' : 'rule', x1: at(each.at), x2: at(each.at), y1: 2, y2: 22}),
      s('text', {x: at(each.at), y: 33, 'text-anchor': each.anchor ?? 'middle', dx: {start: -4, end: 4}[each.anchor] ?? 0}, each.text)]),
    low !== undefined && [s('line', {class: `line ${kind}`, x1: at(low), x2: at(high), y1: 12, y2: 12, 'stroke-width': 3, 'stroke-linecap': 'round'}),
      s('circle', {class: `dot ${kind}`, cx: at(estimate), cy: 12, r: 5})]);
}

/// Points joined in x and y: curve({points: [[x, y]], marks, width...}) for the explorer.
export function curve({lines, dots = [], xFormat, yFormat, xLabel, yLabel, label, height = 260}) {
  const box = h('div', {class: 'chart'});
  const all = [...lines.flatMap(each => each.points), ...dots.map(each => each.at)];
  const xs = all.map(each => each[0]);
  const ys = all.map(each => each[1]);
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  function draw() {
    const width = Math.max(260, box.clientWidth || 500);
    const x = value => 52 + ((value - x0) / (x1 - x0 || 1)) * (width - 66);
    const y = value => 12 + (1 - (value - y0) / (y1 - y0 || 1)) * (height - 50);
    replace(box, s('svg', {viewBox: `0 0 ${width} ${height}`, height, role: 'img', 'aria-label': label},
      [0, 0.5, 1].map(part => {
        const value = y0 + part * (y1 - y0);
        return [s('line', {class: 'axis', x1: 52, x2: width - 14, y1: y(value), y2: y(value)}), s('text', {x: 46, y: y(value) + 4, 'text-anchor': 'end'}, yFormat(value))];
      }),
      [0, 0.5, 1].map(part => s('text', {x: x(x0 + part * (x1 - x0)), y: height - 20, 'text-anchor': ['start', 'middle', 'end'][part * 2]}, xFormat(x0 + part * (x1 - x0)))),
      s('text', {x: width - 14, y: height - 4, 'text-anchor': 'end'}, xLabel), s('text', {x: 58, y: 9}, yLabel),
      lines.map(each => s('path', {class: `line ${each.kind}${each.dash ? ' dash' : ''}`, d: each.points.map((point, at) => `${at ? 'L' : 'M'}${x(point[0]).toFixed(1)} ${y(point[1]).toFixed(1)}`).join('')})),
      dots.map(each => [s('circle', {class: `dot ${each.kind}`, cx: x(each.at[0]), cy: y(each.at[1]), r: 6}),
        each.error && s('line', {class: `line ${each.kind}`, x1: x(each.at[0]), x2: x(each.at[0]), y1: y(each.at[1] - each.error), y2: y(each.at[1] + each.error)})])));
  }
  new ResizeObserver(draw).observe(box);
  return box;
}

/** What moves in the report: a cursor that reads the chart, and zoom. Without it the report is whole all the same. */
export const SCRIPT = `
for (const chart of document.querySelectorAll('.chart')) {
  const seconds = Number(chart.dataset.seconds);
  const data = JSON.parse(chart.querySelector('script').textContent);
  const svgs = [...chart.querySelectorAll('svg')];
  const axis = chart.querySelector('.axis');
  const cursor = chart.querySelector('.cursor');
  const chosen = chart.querySelector('.chosen');
  const tools = chart.nextElementSibling;
  const out = tools.querySelector('output');
  const hint = out.textContent;
  let [from, to] = [0, seconds];
  let held;
  const moment = (s) => Math.floor(s / 60) + ':' + (s % 60).toFixed(1).padStart(4, '0');
  const show = (a, b) => {
    const span = Math.min(seconds, Math.max(2, b - a));
    from = Math.min(Math.max(0, a), seconds - span);
    to = from + span;
    for (const svg of svgs) svg.setAttribute('viewBox', from + ' 0 ' + span + ' 100');
    axis.replaceChildren(...[0, 0.2, 0.4, 0.6, 0.8, 1].map((part) => {
      const label = document.createElement('span');
      label.style.left = 100 * part + '%';
      label.textContent = moment(from + part * span);
      return label;
    }));
  };
  const zoom = (factor, at = (from + to) / 2) => show(at - (at - from) * factor, at + (to - at) * factor);
  const timeOf = (event) => {
    const box = axis.getBoundingClientRect();
    return from + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * (to - from);
  };
  chart.addEventListener('pointermove', (event) => {
    const box = axis.getBoundingClientRect();
    if (event.clientX < box.left) return;
    const t = timeOf(event);
    cursor.style.opacity = 0.6;
    const left = chart.getBoundingClientRect().left;
    cursor.style.left = event.clientX - left + 'px';
    if (held !== undefined) Object.assign(chosen.style, { left: Math.min(held, event.clientX) - left + 'px', width: Math.abs(event.clientX - held) + 'px' });
    const index = data.t.findLastIndex((time) => time <= t);
    const inside = (list) => list.some(([start, end]) => t >= start && t <= end);
    out.textContent = moment(t) + ' · ' + (index < 0 ? 'nothing seen yet' : 'changed ' + (100 * data.score[index]).toFixed(2) + ' %, ' + data.states[data.state[index]])
      + ' · gate ' + (inside(data.events) ? 'open' : 'closed') + (data.truth ? ' · truth: ' + (inside(data.truth) ? 'motion' : 'nothing') : '');
  });
  chart.addEventListener('pointerleave', () => { cursor.style.opacity = 0; out.textContent = hint; });
  chart.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.shiftKey) return;
    event.preventDefault();
    zoom(event.deltaY + event.deltaX > 0 ? 1.25 : 0.8, timeOf(event));
  }, { passive: false });
  chart.addEventListener('pointerdown', (event) => {
    if (event.pointerType !== 'mouse' || event.button !== 0) return;
    held = event.clientX;
    chart.setPointerCapture(event.pointerId);
  });
  chart.addEventListener('pointerup', (event) => {
    if (held === undefined) return;
    const [a, b] = [timeOf({ clientX: held }), timeOf(event)].sort((x, y) => x - y);
    const isDrag = Math.abs(event.clientX - held) >= 12;
    held = undefined;
    chosen.style.width = 0;
    if (isDrag) show(a, b);
  });
  chart.addEventListener('dblclick', () => show(0, seconds));
  const [closer, wider, earlier, later, all] = tools.querySelectorAll('button');
  closer.onclick = () => zoom(0.5);
  wider.onclick = () => zoom(2);
  earlier.onclick = () => show(from - (to - from) / 2, to - (to - from) / 2);
  later.onclick = () => show(from + (to - from) / 2, to + (to - from) / 2);
  all.onclick = () => show(0, seconds);
  for (const link of chart.closest('section').querySelectorAll('a[data-t]')) {
    link.addEventListener('click', () => show(Number(link.dataset.t) - 4, Number(link.dataset.t) + 6));
  }
  tools.querySelector('.buttons').hidden = false;
}
`;

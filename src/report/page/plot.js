// plot: one plot with its own legend: buttons that switch its curves, with the value under the
// crosshair beside each name. Draws with Chart.js; colours from the page's theme.

const DARK = window.matchMedia('(prefers-color-scheme: dark)');
const PRINT = window.matchMedia('print');

// Colours: [on light, on dark]. A thing has the same one in every plot.
const COLOURS = {
  insert: ['#2b6cb0', '#6cabea'], update: ['#b7591b', '#f0a05a'], delete: ['#a8305f', '#ee7fae'],
  transaction: ['#5f6b1c', '#b9c75a'],
  wal: ['#14806a', '#45cba8'], kafka: ['#6d47b0', '#b497f5'],
  grey: ['#767f89', '#98a2ad'],
  client: ['#767f89', '#a3adb8'], server: ['#2b6cb0', '#6cabea'], walsender: ['#14806a', '#45cba8'],
  broker: ['#b7591b', '#f0a05a'], connect: ['#6d47b0', '#b497f5'],
};
const SPARE = [['#2f7f93', '#5cc0d6'], ['#c08a1e', '#e9bd55'], ['#4f8a4b', '#86c881'],
  ['#8c5a9e', '#cf9be2'], ['#a14a3a', '#ec8a78'], ['#4d5fa8', '#8d9df0']];

function isDark() {
  return DARK.matches && !PRINT.matches && !document.body.classList.contains('printing');
}

function theme() {
  const dark = isDark();
  return {
    dark,
    font: getComputedStyle(document.body).fontFamily,
    text: dark ? '#e4e7ea' : '#1d2329', muted: dark ? '#98a2ad' : '#5c6670',
    grid: dark ? '#2c333b' : '#e6e9ec', edge: dark ? '#3d4650' : '#ccd2d8',
    shade: dark ? 'rgba(255,255,255,0.035)' : 'rgba(20,40,60,0.035)',
    colour: (name, i = 0) => (COLOURS[name] || SPARE[i % SPARE.length])[dark ? 1 : 0],
  };
}

function withAlpha(colour, alpha) {
  return colour + Math.round(alpha * 255).toString(16).padStart(2, '0');
}

function element(tag, properties = {}, ...children) {
  const {dataset, ...rest} = properties;
  const made = Object.assign(document.createElement(tag), rest);
  Object.assign(made.dataset, dataset);
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

// A value between two gaps has no line to stand on: it gets a dot.
function dots(points) {
  const gap = i => !points[i] || points[i].y === null;
  return points.map((point, i) => gap(i - 1) && gap(i + 1) ? 2 : 0);
}

// A curve of a plot: {name, points, colour, dash, width, hidden, fillTo, band: {min, max}}; fillTo is
// the name of another curve of the plot, the space to which is shaded.
function datasets(curves) {
  const made = [];
  const band = (curve, points, fill) => made.push({curve: curve.name, data: points, borderWidth: 0,
    pointRadius: 0, fill, backgroundColor: withAlpha(curve.colour, 0.16), hidden: curve.hidden});
  for (const curve of curves) {
    made.push({curve: curve.name, line: true, data: curve.points, borderColor: curve.colour,
      backgroundColor: withAlpha(curve.colour, curve.stack ? 0.55 : 0.16),
      borderWidth: curve.width || 1.6, borderDash: curve.dash || [], pointRadius: dots(curve.points),
      pointBackgroundColor: curve.colour, pointBorderWidth: 0, hidden: curve.hidden,
      stack: curve.stack, fill: curve.stack ? 'stack' : false});
    if (curve.band) {
      band(curve, curve.band.max, '+1');
      band(curve, curve.band.min, false);
    }
  }
  for (const curve of curves.filter(({fillTo}) => fillTo)) {
    const from = made.find(({curve: name, line}) => line && name === curve.name);
    from.fill = made.findIndex(({curve: name, line}) => line && name === curve.fillTo);
  }
  return made;
}

function onlyZeros({curves}) {
  return curves.every(({points}) => points.every(({y}) => !y));
}

function yAxis(spec, look) {
  return {
    type: spec.logarithmic ? 'logarithmic' : 'linear',
    beginAtZero: !spec.logarithmic, suggestedMax: onlyZeros(spec) ? 10 : undefined,
    stacked: Boolean(spec.stacked),
    grid: {color: look.grid, borderColor: look.edge, tickLength: 4},
    ticks: {color: look.muted, maxTicksLimit: 6, font: {size: 11, family: look.font},
      callback: value => spec.logarithmic && !/^-?[125]e/.test(Number(value).toExponential())
        ? null : spec.format(value)},
  };
}

function xAxis(spec, look) {
  return {
    type: 'linear', min: spec.x.min, max: spec.x.max, stacked: false,
    grid: {color: look.grid, borderColor: look.edge, tickLength: 4},
    // Without the ends: a run's is wherever it is, and would stand in the way of the last round one.
    ticks: {color: look.muted, maxRotation: 0, autoSkipPadding: 16, stepSize: spec.x.step, includeBounds: false,
      font: {size: 11, family: look.font}, callback: spec.x.format},
  };
}

const choices = new Map();   // what the reader switched, by plot and curve: it outlives a drawing

function legendKey(curve, title, chart, show) {
  const swatch = element('i', {className: curve.dash ? 'dashed' : ''});
  swatch.style.setProperty('--key', curve.colour);
  swatch.style.borderTopWidth = `${Math.max(1.5, curve.stack ? 8 : (curve.width || 1.6) * 1.7)}px`;
  const value = element('output', {});
  const button = element('button', {type: 'button', className: 'key',
    title: curve.about || ''}, swatch, curve.name, value);
  button.setAttribute('aria-pressed', String(!curve.hidden));
  button.addEventListener('click', () => {
    curve.hidden = !curve.hidden;
    choices.set(`${title}/${curve.name}`, curve.hidden);
    button.setAttribute('aria-pressed', String(!curve.hidden));
    for (const set of chart.data.datasets.filter(set => set.curve === curve.name)) {
      set.hidden = curve.hidden;
    }
    chart.update('none');
  });
  show.push(index => {
    const point = index === null ? null : curve.points[index];
    value.textContent = point ? curve.format(point.y) : '';
  });
  return button;
}

function drawChart(figure, spec, look) {
  const canvas = figure.querySelector('canvas');
  return new Chart(canvas, {
    type: 'line',
    data: {datasets: datasets(spec.curves)},
    options: {
      animation: false, parsing: false, normalized: true, responsive: true, maintainAspectRatio: false,
      spanGaps: false, events: ['mousemove', 'mouseout', 'click', 'touchstart', 'touchmove'],
      elements: {line: {tension: 0, borderJoinStyle: 'round'}, point: {hitRadius: 0, hoverRadius: 0}},
      scales: {x: xAxis(spec, look), y: yAxis(spec, look)},
      plugins: {legend: {display: false}, tooltip: {enabled: false}},
    },
    plugins: spec.overTime ? [crosshairPlugin(spec.phases, look)] : [],
  });
}

// Whether a logarithmic axis shows all that is there, and whether it is the better one.
function logarithmicFits(curves) {
  const values = curves.flatMap(({points}) => points.map(({y}) => y)).filter(y => y !== null);
  const least = Math.min(...values), most = Math.max(...values);
  return {possible: values.length > 0 && least > 0, better: least > 0 && most / least > 50};
}

// Adds a plot to a section: {title, unit, note, curves, format, x, logarithmic: 'offer'…}.
function plot(section, spec) {
  const look = theme();
  const curves = spec.curves.filter(({points}) => points && points.some(({y}) => y !== null))
    .map(curve => ({format: spec.format, ...curve,
      hidden: choices.get(`${spec.title}/${curve.name}`) || false}));
  if (curves.length === 0) return;
  const heading = element('h3', {}, spec.title, element('span', {className: 'unit'}, spec.unit));
  const keys = element('div', {className: 'keys', role: 'group'});
  keys.setAttribute('aria-label', `curves of ${spec.title}`);
  const canvas = element('canvas', {});
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `${spec.title}, ${spec.unit}: ${curves.map(c => c.name).join(', ')}`);
  const frame = element('div', {className: 'frame', tabIndex: 0}, canvas);
  frame.setAttribute('aria-label', `${spec.title}${spec.overTime ? ': arrow keys move the crosshair' : ''}`);
  const figure = element('figure', {className: `plot ${spec.wide ? 'wide' : ''}`}, heading, keys, frame,
    spec.note ? element('figcaption', {}, spec.note) : null);
  section.append(figure);
  const fits = spec.offerLogarithmic ? logarithmicFits(curves) : {};
  const chosen = choices.get(`${spec.title}/logarithmic`);
  const own = {...spec, curves,
    logarithmic: fits.possible && (chosen === undefined ? fits.better : chosen)};
  const chart = drawChart(figure, own, look);
  const shows = [];
  keys.append(...curves.map(curve => legendKey(curve, spec.title, chart, shows)));
  if (fits.possible) heading.append(scaleSwitch(own, chart, look));
  if (spec.overTime) {
    frame.addEventListener('keydown', event => {
      crosshairKey(event);
      speak(spec, curves);
    });
    crosshair.join(chart, index => shows.forEach(show => show(index)));
  }
  canvases.push(chart);
}

function scaleSwitch(spec, chart, look) {
  const box = element('input', {type: 'checkbox', checked: Boolean(spec.logarithmic)});
  box.addEventListener('change', () => {
    spec.logarithmic = box.checked;
    choices.set(`${spec.title}/logarithmic`, box.checked);
    chart.options.scales.y = yAxis(spec, look);
    chart.update('none');
  });
  return element('label', {className: 'switch'}, box, 'logarithmic');
}

// What stands under the crosshair, for those who hear the page.
function speak(spec, curves) {
  const at = crosshair.index;
  document.getElementById('spoken').textContent = at === null ? '' :
    `${spec.x.format(crosshair.seconds[at])}: ${curves.filter(c => !c.hidden && c.points[at])
      .map(c => `${c.name} ${c.format(c.points[at].y)}`).join(', ')}`;
}

const canvases = [];   // every Chart on the page: they are made anew when the colours change

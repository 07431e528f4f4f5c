// compare: the page of `cdcbench compare`: what differs, in a table and in sentences, and the runs laid
// over one another, each from the start of the phase that is compared.

function signed(format, value) {
  return value > 0 ? `+${format(value)}` : format(value);
}

function comparisonTable(rows) {
  const marks = {real: 'real', noise: 'within the noise', unknown: 'too few values'};
  const lines = rows.map(row => {
    const format = formatOf(row.unit);
    const share = row.a > 0 ? ` (${signed(asPercent, 100 * row.difference / row.a)})` : '';
    const interval = row.low === null ? ABSENT
      : `${signed(format, row.low)} to ${signed(format, row.high)}`;
    return [row.metric, format(row.a), format(row.b), signed(format, row.difference) + share, interval,
      marks[row.verdict]];
  });
  const [{label_a: a, label_b: b, basis}] = rows;
  return simpleTable(`${b} against ${a}, over ${basis}`,
    ['', a, b, 'difference', '95 % interval', 'verdict'], lines);
}

// A run's curve in the phase, from its start; the seconds of another run of the same kind stand at the
// same places.
function phaseCurve(entry, phase, series) {
  const {timeline} = entry;
  if (!has(timeline, series)) return null;
  const from = phasesOf(entry).find(({name}) => name === phase);
  const start = from ? from.from : 0;
  return curve(timeline, series).filter((point, i) => timeline.phase[i] === phase)
    .map(({x, y}) => ({x: x - start, y}));
}

function overlay(section, data, title, unit, format, series, look, more = {}) {
  const {labels, phase} = data.comparison;
  const count = {};
  const curves = data.runs.map(entry => {
    const number = count[entry.label] = (count[entry.label] || 0) + 1;
    const repeats = data.runs.filter(({label}) => label === entry.label).length;
    return {name: repeats > 1 ? `${entry.label} ${number}` : entry.label,
      colour: look.colour('', labels.indexOf(entry.label)),
      width: repeats > 1 ? 1.1 : 1.8, points: phaseCurve(entry, phase, series)};
  }).filter(({points}) => points && points.length > 0);
  const span = Math.max(1, ...curves.flatMap(({points}) => points.map(({x}) => x)));
  plot(section, {title, unit, format, curves, overTime: true, phases: [],
    x: {min: 0, max: span, format: second => asClock(second, span)}, ...more});
}

function overlaidPercentiles(section, data, look) {
  const {labels} = data.comparison;
  const tags = distinct(data.runs.flatMap(entry => (entry.curves || []).map(({tag}) => tag)))
    .filter(tag => /^(lag\..*\.commit_to_receipt|latency)\./.test(tag));
  const count = {};
  for (const tag of tags) {
    const curves = data.runs.flatMap(entry => (entry.curves || []).filter(made => made.tag === tag)
      .map(made => {
        const key = `${tag}/${entry.label}`;
        count[key] = (count[key] || 0) + 1;
        return {...percentileCurve(made, look), dash: null, width: 1.3,
          name: count[key] > 1 ? `${entry.label} ${count[key]}` : entry.label,
          colour: look.colour('', labels.indexOf(entry.label))};
      }));
    plot(section, {title: `${stageName(tag.replaceAll('.', ' '))} by percentile`, unit: '', curves,
      format: asDuration, offerLogarithmic: true, x: {min: 0, max: 4, step: 1,
        format: x => ['0 %', '90 %', '99 %', '99.9 %', '99.99 %'][x] || null}});
  }
}

function drawOverlaid(plots, data) {
  const look = theme();
  const {timeline} = data.runs[0];
  const longest = data.runs.reduce((most, entry) => {
    const seconds = phaseCurve(entry, data.comparison.phase, 'client_cpu_percent') || [];
    return seconds.length > most.length ? seconds : most;
  }, []);
  crosshair.seconds = longest.map(({x}) => x);
  for (const tap of prefixes(timeline, '_lag_p50_us')) {
    for (const figure of ['p50', 'p99']) {
      overlay(plots, data, `lag on ${tap}, ${figure}`, 'commit → receipt', asDuration,
        `${tap}_lag_${figure}_us`, look, {offerLogarithmic: true});
    }
  }
  for (const operation of prefixes(timeline, '_latency_p50_us')) {
    overlay(plots, data, `${operation}s`, 'rows per second', asRate, `${operation}_acked_per_s`, look);
    overlay(plots, data, `latency of ${operation}s, p99`, 'from the intended time', asDuration,
      `${operation}_latency_p99_us`, look, {offerLogarithmic: true});
  }
  overlaidPercentiles(plots, data, look);
}

function drawComparison(main, data) {
  const {comparison, runs} = data;
  const {labels, phase, rows, limits} = comparison;
  document.title = `${labels.join(' · ')} · cdcbench`;
  document.getElementById('head').replaceChildren(element('h1', {}, labels.join(' · ')),
    element('p', {className: 'muted'}, `phase ${phase} · ${runs.length} runs`));
  section(main, 'comparison', 'What differs, and is it real?', made => {
    for (const label of labels.slice(1)) {
      const own = rows.filter(row => row.label_b === label);
      if (own.length > 0) made.append(comparisonTable(own));
    }
    made.append(element('ul', {className: 'sentences'}, ...rows.map(({sentence, verdict}) =>
      element('li', {className: verdict}, sentence))), element('p', {className: 'muted'}, limits));
  });
  section(main, 'overlaid', 'Laid over one another', (made, plots) => drawOverlaid(plots, data));
  section(main, 'environment', 'Environment and command', made => {
    for (const entry of runs) {
      made.append(folded(`${entry.label}: ${entry.run.started}, ${entry.run.verdict}`,
        drawCommand(entry.run.command_line)));
    }
  });
}

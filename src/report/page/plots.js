// plots: which curves stand in which plot.

// A curve of the timeline; with a band where a point is of several seconds.
function timeCurve(timeline, series, name, colour, more = {}) {
  const {of = 'mean', ...rest} = more;
  const several = timeline.rows_per_point > 1 && of === 'mean' && has(timeline, series);
  return {name, colour, points: curve(timeline, series, of), ...rest,
    band: several ? {min: curve(timeline, series, 'min'), max: curve(timeline, series, 'max')} : null};
}

function timeSpec(entry, title, unit, format, curves, more = {}) {
  const seconds = entry.timeline.second;
  const span = seconds.length > 0 ? seconds[seconds.length - 1] : 1;
  return {title, unit, format, curves, overTime: true, phases: phasesOf(entry),
    x: {min: 0, max: span, format: second => asClock(second, span)}, ...more};
}

function plotThroughput(section, entry, look) {
  const {timeline} = entry;
  const operations = prefixes(timeline, '_acked_per_s');
  for (const operation of operations) {
    if (maximum(timeline, `${operation}_sent_per_s`) === 0
        && !(maximum(timeline, `${operation}_due_per_s`) > 0)) continue;
    const colour = look.colour(operation);
    plot(section, timeSpec(entry, `${operation}s`, 'rows per second', asRate, [
      timeCurve(timeline, `${operation}_due_per_s`, 'due', look.colour('grey'), {dash: [5, 4],
        about: 'by the clock, whatever the server does'}),
      timeCurve(timeline, `${operation}_sent_per_s`, 'sent', withAlpha(colour, 0.55), {band: null}),
      timeCurve(timeline, `${operation}_acked_per_s`, 'acknowledged', colour),
    ]));
  }
  plot(section, timeSpec(entry, 'seen by the taps', 'events per second', asRate,
    prefixes(timeline, '_seen_per_s').map(tap =>
      timeCurve(timeline, `${tap}_seen_per_s`, tap, look.colour(tap)))));
}

// p50 with the space up to p99 shaded, and the largest.
function percentileCurves(timeline, prefix, colour) {
  const of = figure => `${prefix}_${figure}_us`;
  return [
    {...timeCurve(timeline, of('p50'), 'p50', colour, {width: 2.4}), band: null},
    timeCurve(timeline, of('p99'), 'p99', colour, {width: 1, fillTo: 'p50', of: 'max'}),
    timeCurve(timeline, of('max'), 'max', withAlpha(colour, 0.6), {dash: [2, 3], width: 1.2, of: 'max'}),
  ];
}

function plotOverTime(section, entry, ending, what, unitOf, look) {
  for (const prefix of prefixes(entry.timeline, `${ending}_p50_us`)) {
    plot(section, timeSpec(entry, what(prefix), unitOf, asDuration,
      percentileCurves(entry.timeline, prefix + ending, look.colour(prefix)),
      {offerLogarithmic: true}));
  }
}

function plotLag(section, entry, look) {
  plotOverTime(section, entry, '_lag', tap => `lag on ${tap}`, 'commit → receipt', look);
}

// Means, since they alone sum to the whole.
function plotStages(section, entry, look) {
  for (const {tap, stages} of entry.stages || []) {
    const names = chain(Object.keys(stages));
    if (!names) continue;
    const seconds = entry.timeline.second;
    plot(section, timeSpec(entry, `stages on ${tap}`, 'mean, stacked', asDuration,
      names.map((stage, i) => ({name: stageName(stage), colour: look.colour('', i), stack: 'stages',
        about: stageAbout(stage), points: seconds.map((x, at) => ({x, y: stages[stage][at]}))})),
      {stacked: true}));
  }
}

function plotLatency(section, entry, look) {
  plotOverTime(section, entry, '_latency', operation => `latency of ${operation}s`,
    'from the intended time to the acknowledgement', look);
}

function plotBacklog(section, entry, look) {
  const {timeline} = entry;
  plot(section, timeSpec(entry, 'backlog', 'rows, at the end of each second', asCount, [
    ...prefixes(timeline, '_backlog_rows').map(operation =>
      timeCurve(timeline, `${operation}_backlog_rows`, `${operation}s due, not acknowledged`,
        look.colour(operation), {dash: [5, 4]})),
    ...prefixes(timeline, '_behind_rows').map(tap =>
      timeCurve(timeline, `${tap}_behind_rows`, `${tap}: acknowledged, not seen`, look.colour(tap))),
    timeCurve(timeline, 'kafka_unread_messages', 'in the topic, not read', look.colour('broker'), {
      dash: [2, 3]}),
  ]));
  plot(section, timeSpec(entry, 'age of the backlog', 'of the oldest change not yet seen', asDuration,
    prefixes(timeline, '_behind_s').map(tap => inMicroseconds(
      timeCurve(timeline, `${tap}_behind_s`, tap, look.colour(tap))))));
  const slot = (prefix, tap, of) => [
    timeCurve(timeline, `${prefix}_retained_bytes`, `${of}: retained`, look.colour(tap), {
      about: 'WAL that the server keeps for it'}),
    timeCurve(timeline, `${prefix}_unconfirmed_bytes`, `${of}: unconfirmed`, look.colour(tap), {
      dash: [5, 4], about: 'WAL that its reader has not confirmed'}),
    ...['spilled', 'streamed'].filter(what => maximum(timeline, `${prefix}_${what}_bytes`) > 0)
      .map(what => timeCurve(timeline, `${prefix}_${what}_bytes`, `${of}: ${what}, since its start`,
        look.colour(tap), {dash: [1, 3]})),
  ];
  plot(section, timeSpec(entry, 'replication slots', 'bytes', asBytes,
    [...slot('slot', 'wal', 'wal tap'), ...slot('debezium_slot', 'kafka', 'Debezium')]));
}

// From seconds, which have decimals, to what a duration is shown from.
function inMicroseconds(made) {
  const scaled = points => points && points.map(({x, y}) => ({x, y: y === null ? null : y * 1e6}));
  return {...made, points: scaled(made.points),
    band: made.band && {min: scaled(made.band.min), max: scaled(made.band.max)}};
}

// What the server wrote, and checkpoints among it, which are what a spike often is.
function plotServer(section, entry, look) {
  const {timeline} = entry;
  plot(section, timeSpec(entry, 'the server’s writes', 'bytes, in each second', asBytes, [
    timeCurve(timeline, 'wal_written_bytes', 'WAL', look.colour('server')),
    timeCurve(timeline, 'checkpoint_written_bytes', 'pages, by checkpoints', look.colour('broker')),
  ]));
  plot(section, timeSpec(entry, 'checkpoints', 'begun in each second', asCount, [
    timeCurve(timeline, 'checkpoints_timed', 'by the clock', look.colour('grey'), {of: 'max'}),
    timeCurve(timeline, 'checkpoints_requested', 'asked for', look.colour('broker'), {of: 'max'}),
  ].filter(({points}) => points && points.some(({y}) => y > 0))));
}

function plotResources(section, entry, look) {
  const {timeline} = entry;
  const all = ending => prefixes(timeline, ending).map(who =>
    timeCurve(timeline, who + ending, who.replaceAll('_', ' '), look.colour(who)));
  plot(section, timeSpec(entry, 'CPU', '% of one core', asPercent, all('_cpu_percent')));
  plot(section, timeSpec(entry, 'memory', 'resident bytes', asBytes, all('_rss_bytes')));
}

const DASHES = {update: [6, 4], delete: [2, 3], transaction: [8, 3, 2, 3]};

// "lag.kafka.commit_to_receipt.update": kafka's colour, update's dashes. "service.insert": insert's
// colour, dashed.
function percentileCurve({tag, percent, us}, look) {
  const [kind, thing, , operation] = tag.split('.');
  const nines = p => -Math.log10(1 - p / 100);
  return {
    name: kind === 'lag' ? `${thing} ${operation}` : `${thing} ${kind}`,
    colour: look.colour(thing), dash: kind === 'lag' ? DASHES[operation] : kind === 'service' && [5, 4],
    points: percent.map((p, at) => ({x: nines(p), y: us[at]})).filter(({x}) => x <= 4.0001),
  };
}

// Percentiles over a logarithmic scale of what is above them: 90, 99, 99.9 % lie as far apart.
function plotPercentiles(section, curves, look) {
  const axis = {min: 0, max: 4, step: 1,
    format: x => ['0 %', '90 %', '99 %', '99.9 %', '99.99 %'][x] || null};
  const shown = (title, unit, wanted) => plot(section, {title, unit, format: asDuration,
    offerLogarithmic: true, x: axis,
    curves: curves.filter(({tag}) => wanted.test(tag)).map(made => percentileCurve(made, look))});
  shown('lag by percentile', 'commit → receipt, all phases', /^lag\..*\.commit_to_receipt\./);
  shown('operations by percentile', 'latency, and service from the send, all phases', /^(latency|service)\./);
}

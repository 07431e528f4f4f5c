// data: looking things up in the document (docs/report.md). Columns are found by name: a file of an
// older run lacks some, one of a newer run has more.

// A CSV cell as a number; null for what was not measured.
function number(cell) {
  return cell === undefined || cell === null || cell === '' ? null : Number(cell);
}

// The rows of a table as objects: column → cell.
function records(table) {
  if (!table) return [];
  const names = table.columns.map(column => column.name);
  return table.rows.map(row => Object.fromEntries(names.map((name, i) => [name, row[i]])));
}

function where(rows, wanted) {
  return rows.filter(row => Object.entries(wanted).every(([name, value]) => row[name] === value));
}

// "insert" before "update" before the rest, in the order in which they come.
function distinct(values) {
  return [...new Set(values)];
}

// A curve of the timeline as [{x, y}…], `of` one of mean, min, max; null is a gap. Null: no such curve.
function curve(timeline, name, of = 'mean') {
  const series = timeline && timeline.series[name];
  if (!series) return null;
  const values = series[of] || series.mean;
  return timeline.second.map((x, i) => ({x, y: values[i]}));
}

function has(timeline, name) {
  return Boolean(timeline && timeline.series[name]);
}

// Operations and taps that the timeline knows anything of, as it names them.
function prefixes(timeline, ending) {
  if (!timeline) return [];
  return Object.keys(timeline.series).filter(name => name.endsWith(ending))
    .map(name => name.slice(0, -ending.length));
}

function maximum(timeline, name) {
  const points = curve(timeline, name, 'max') || [];
  return points.reduce((most, {y}) => y !== null && (most === null || y > most) ? y : most, null);
}

// Phases as [{name, from, to}], seconds: as run.json has them, else as the timeline's rows go.
function phasesOf(entry) {
  const phases = entry.run && entry.run.phases;
  if (phases) {
    return phases.filter(phase => phase.start_s !== null)
      .map(({name, start_s: from, end_s: to}) => ({name, from, to: to === null ? from : to}));
  }
  const found = [];
  const {second = [], phase = []} = entry.timeline || {};
  second.forEach((to, i) => {
    const last = found[found.length - 1];
    if (last && last.name === phase[i]) last.to = to;
    else found.push({name: phase[i], from: last ? last.to : 0, to});
  });
  return found;
}

// The phase that the answer is about, unless the reader picks another: the longest that did work.
function mainPhase(entry) {
  const worked = new Set(records(entry.summary).map(row => row.phase));
  const phases = phasesOf(entry).filter(phase => worked.size === 0 || worked.has(phase.name));
  return phases.reduce((longest, phase) =>
    !longest || phase.to - phase.from > longest.to - longest.from ? phase : longest, null);
}

// The stages that lead from the commit to the receipt, in order: commit_to_send, send_to_receipt. Found
// by their names, so that a finer chain is followed as well; their sum is commit_to_receipt.
function chain(stages, from = 'commit') {
  if (from === 'receipt') return [];
  let longest = null;
  for (const stage of stages) {
    const [begin, end] = stage.split('_to_');
    if (begin !== from || end === undefined || stage === 'commit_to_receipt') continue;
    const rest = chain(stages.filter(other => other !== stage), end);
    if (rest && (!longest || rest.length + 1 > longest.length)) longest = [stage, ...rest];
  }
  return longest;
}

function stageName(stage) {
  return stage.replaceAll('_to_', ' → ').replaceAll('_', ' ');
}

// What a stage is, in a sentence, and by whose clock: the document's.
let STAGES = {};

function stageWords(stage) {
  return STAGES[stage] ? STAGES[stage].words : '';
}

function stageAbout(stage) {
  return STAGES[stage] ? `${STAGES[stage].words} (by ${STAGES[stage].clock})` : '';
}

// figures: the answer at the head of the page: the verdict, what the lag is on each tap and which
// stages it comes from, and how fast the operations were.

// What was proven, in a sentence.
function verdictText(run, verify) {
  const taps = verify.map(({tap}) => tap).join(' and ');
  const count = asCount(run.acknowledged);
  if (run.verdict === 'verified') {
    return `${count} changes, each seen once, in order and as written, on ${taps}`;
  }
  const faults = verify.flatMap(row => ['missing', 'duplicated', 'out_of_order', 'mismatched',
    'rolled_back', 'unknown', 'end_differs', 'end_missing', 'end_unseen']
    .filter(kind => number(row[kind]) > 0)
    .map(kind => `${asCount(number(row[kind]))} ${kind.replaceAll('_', ' ')} on ${row.tap}`));
  const errors = (run.taps || []).filter(tap => tap.error).map(tap => `${tap.tap}: ${tap.error}`);
  if (verify.length === 0) return `${count} changes; no tap read them back`;
  return `of ${count} changes: ${[...faults, ...errors].join('; ') || 'see the verification'}`;
}

function badge(verdict) {
  const marks = {verified: '✓', failed: '✗'};
  return element('strong', {className: `badge ${verdict}`}, `${marks[verdict] || '!'} ${verdict}`);
}

function figureOf(label, value, about = '') {
  return element('div', {className: 'figure', title: about}, element('dt', {}, label),
    element('dd', {}, value));
}

// The mean of each stage as a share of the whole; means alone sum. A mean below zero has no width, and
// says so in words.
function stageBar(rows, look) {
  const names = chain(rows.map(({stage}) => stage));
  if (!names) return [];
  const stages = names.map((stage, i) => {
    const row = rows.find(other => other.stage === stage);
    return {stage, mean: number(row.mean_us), p99: number(row.p99_us), colour: look.colour('', i)};
  });
  const whole = stages.reduce((sum, {mean}) => sum + Math.max(mean, 0), 0);
  if (!(whole > 0)) return [];
  const bar = element('div', {className: 'bar', role: 'img'});
  bar.setAttribute('aria-label', stages.map(({stage, mean}) =>
    `${stageName(stage)} ${asDuration(mean)}`).join(', '));
  const list = element('ul', {className: 'stages'});
  for (const {stage, mean, p99, colour} of stages) {
    const share = Math.max(mean, 0) / whole;
    const part = element('span', {title: `${stageName(stage)}: ${asDuration(mean)}`});
    part.style.cssText = `flex-grow: ${share}; --key: ${colour}`;
    if (share > 0) bar.append(part);
    const swatch = element('i', {});
    swatch.style.setProperty('--key', colour);
    list.append(element('li', {title: stageAbout(stage)}, swatch,
      element('span', {className: 'name'}, stageName(stage)),
      element('b', {}, asDuration(mean)), element('span', {}, asPercent(100 * share)),
      element('span', {className: 'muted'}, `p99 ${asDuration(p99)}`)));
  }
  return [bar, list];
}

// "Most of it, 51 %, is debezium → produce."
function stageSentence(rows) {
  const names = chain(rows.map(({stage}) => stage));
  if (!names || names.length < 2) return '';
  const means = names.map(stage => Math.max(number(rows.find(r => r.stage === stage).mean_us), 0));
  const whole = means.reduce((sum, mean) => sum + mean, 0);
  if (!(whole > 0)) return '';
  const most = means.indexOf(Math.max(...means));
  return `Of the mean, ${asPercent(100 * means[most] / whole)} is ${stageName(names[most])}`
    + `${stageWords(names[most]) ? `: ${stageWords(names[most])}` : ''}.`;
}

function tapCard(tap, rows, look) {
  const all = rows.find(({stage}) => stage === 'commit_to_receipt');
  if (!all) return null;
  const card = element('article', {className: 'card tap'});
  card.style.setProperty('--own', look.colour(tap));
  card.append(element('h3', {}, `Lag on ${tap}`, element('span', {className: 'unit'}, 'commit → receipt')),
    element('dl', {className: 'figures'},
      figureOf('p50', asDuration(number(all.p50_us)), 'half of the events were seen sooner'),
      figureOf('p99', asDuration(number(all.p99_us)), '99 of 100 events were seen sooner'),
      figureOf('p99.9', asDuration(number(all.p999_us))),
      figureOf('max', asDuration(number(all.max_us)))),
    ...stageBar(rows, look),
    element('p', {className: 'muted'}, stageSentence(rows)));
  return card;
}

function operationCard(row, look) {
  const card = element('article', {className: 'card'});
  card.style.setProperty('--own', look.colour(row.operation));
  card.append(element('h3', {}, `${row.operation}s`, element('span', {className: 'unit'}, 'rows per second')),
    element('dl', {className: 'figures'},
      figureOf('rate', `${asRate(number(row.rows_per_s))}/s`),
      figureOf('latency p50', asDuration(number(row.latency_p50_us)), 'from the intended time'),
      figureOf('p99', asDuration(number(row.latency_p99_us)), 'from the intended time'),
      figureOf('max', asDuration(number(row.latency_max_us)))),
    element('p', {className: 'muted'}, `${asCount(number(row.rows))} rows in `
      + `${asCount(number(row.transactions))} transactions, ${asSeconds(number(row.seconds))}`
      + `${number(row.errors) > 0 ? `, ${asCount(number(row.errors))} errors` : ''}`
      + `${number(row.retries) > 0 ? `, ${asCount(number(row.retries))} sent again` : ''}`));
  return card;
}

function drawAnswerCards(cards, entry, phase, look) {
  cards.replaceChildren();
  const lag = where(records(entry.lag), {phase, operation: 'all'});
  const taps = distinct(lag.map(({tap}) => tap)).reverse();
  const operations = where(records(entry.summary), {phase});
  cards.append(
    element('div', {className: 'cards'}, ...taps.map(tap => tapCard(tap, where(lag, {tap}), look))),
    element('div', {className: 'cards'}, ...operations.map(row => operationCard(row, look))));
}

// Buttons for the phases that have something to say.
function phasePicker(entry, draw) {
  const known = distinct([...records(entry.summary), ...records(entry.lag)].map(({phase}) => phase));
  const main = mainPhase(entry);
  const chosen = main && known.includes(main.name) ? main.name : known[0];
  const picker = element('div', {className: 'picker', role: 'group'});
  picker.setAttribute('aria-label', 'phase');
  const pick = name => {
    for (const button of picker.children) {
      button.setAttribute('aria-pressed', String(button.value === name));
    }
    draw(name);
  };
  picker.append(...known.map(name => {
    const button = element('button', {type: 'button', value: name}, name === 'all' ? 'all phases' : name);
    button.addEventListener('click', () => pick(name));
    return button;
  }));
  if (chosen) pick(chosen);
  return picker;
}

// While a run goes on there is its last second, and no verdict.
function drawLastSecond(cards, entry, look) {
  const {timeline} = entry;
  const last = name => {
    const values = has(timeline, name) ? timeline.series[name].mean : [];
    return values.length > 0 ? values[values.length - 1] : null;
  };
  const card = (own, title, ...figures) => {
    const made = element('article', {className: 'card'}, element('h3', {}, title,
      element('span', {className: 'unit'}, 'in the last second')),
    element('dl', {className: 'figures'}, ...figures));
    made.style.setProperty('--own', look.colour(own));
    return made;
  };
  const lag = (prefix, figure) => asDuration(last(`${prefix}_${figure}_us`));
  cards.append(element('div', {className: 'cards'},
    ...prefixes(timeline, '_lag_p50_us').reverse().map(tap => card(tap, `Lag on ${tap}`,
      figureOf('p50', lag(`${tap}_lag`, 'p50')), figureOf('p99', lag(`${tap}_lag`, 'p99')),
      figureOf('max', lag(`${tap}_lag`, 'max')),
      figureOf('behind', asCount(last(`${tap}_behind_rows`)), 'acknowledged and not yet seen')))),
  element('div', {className: 'cards'},
    ...prefixes(timeline, '_latency_p50_us').map(operation => card(operation, `${operation}s`,
      figureOf('rate', `${asRate(last(`${operation}_acked_per_s`))}/s`),
      figureOf('p50', lag(`${operation}_latency`, 'p50')),
      figureOf('p99', lag(`${operation}_latency`, 'p99'))))));
}

function drawAnswer(section, entry, live) {
  const cards = element('div', {});
  const look = theme();
  const {run} = entry;
  if (live) {
    section.append(element('p', {className: 'verdict'}, element('strong', {className: 'badge live'}, '● live'),
      `${asClock(entry.timeline.second[entry.timeline.second.length - 1] || 0, 1e3)} so far, phase `
      + `${entry.timeline.phase[entry.timeline.phase.length - 1] || ABSENT}`), cards);
    drawLastSecond(cards, entry, look);
    return;
  }
  section.append(element('p', {className: 'verdict'}, badge(run.verdict),
    verdictText(run, records(entry.verify))));
  if (run.failure) section.append(element('p', {className: 'warning'}, run.failure));
  if (run.interrupted) section.append(element('p', {className: 'warning'}, 'The run was interrupted.'));
  if (run.overloaded) {
    section.append(element('p', {className: 'warning'},
      'The run was overloaded: some transactions have no stages (--on-overload).'));
  }
  section.append(phasePicker(entry, phase => drawAnswerCards(cards, entry, phase, look)), cards);
}

/**
 * Address books as phones and programs give them away: vCard 3 (RFC 2426) and 4 (RFC 6350).
 *
 * @typedef {{name: string, numbers: string[], note: string, labels: string[]}} Card
 */

/** @param {string} text @returns {Card[]} those that have something of a name or a number */
export function cardsOf(text) {
  /** @type {Card[]} */
  const cards = [];
  /** @type {Line[] | null} */
  let lines = null;
  for (const line of unfolded(text)) {
    const read = parse(line);
    if (!read) continue;
    if (read.name === 'BEGIN' && /^vcard$/i.test(read.value)) lines = [];
    else if (read.name === 'END' && lines) {
      const card = cardOf(lines);
      if (card.name || card.numbers.length > 0) cards.push(card);
      lines = null;
    } else lines?.push(read);
  }
  return cards;
}

/** @typedef {{name: string, parameters: string, value: string}} Line */

/** A line that begins with white space goes on with the one before; so does one of old programs that ends in `=`. @param {string} text */
function unfolded(text) {
  const lines = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n').replace(/\n[ \t]/g, '').split('\n');
  /** @type {string[]} */
  const whole = [];
  /** What a line that goes on has so far. @type {string[]} */
  let parts = [];
  for (const line of lines) {
    const isPrintable = parts.length > 0 || /ENCODING=QUOTED-PRINTABLE/i.test(line);
    const goesOn = isPrintable && line.endsWith('=');
    parts.push(goesOn ? line.slice(0, -1) : line);
    if (goesOn) continue;
    whole.push(parts.join(''));
    parts = [];
  }
  return [...whole, ...(parts.length > 0 ? [parts.join('')] : [])];
}

/** @param {string} line @returns {Line | null} */
function parse(line) {
  const found = /^(?:[\w-]+\.)?([\w-]+)((?:;(?:"[^"]*"|[^":;])*)*):(.*)$/.exec(line);
  if (!found) return null;
  const [, name = '', parameters = '', value = ''] = found;
  const printable = /ENCODING=QUOTED-PRINTABLE/i.test(parameters);
  return { name: name.toUpperCase(), parameters, value: printable ? decoded(value) : value };
}

/** @param {string} value in quoted-printable */
function decoded(value) {
  const bytes = [];
  const source = new TextEncoder().encode(value);
  for (let at = 0; at < source.length; at += 1) {
    const code = Number.parseInt(String.fromCharCode(source[at + 1] ?? 0, source[at + 2] ?? 0), 16);
    if (source[at] === 0x3d && !Number.isNaN(code)) {
      bytes.push(code);
      at += 2;
    } else bytes.push(source[at] ?? 0);
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

/** @param {Line[]} lines @returns {Card} */
function cardOf(lines) {
  const all = (/** @type {string} */ name) => lines.filter((line) => line.name === name).map((line) => line.value);
  const first = (/** @type {string} */ name) => plain(all(name)[0] ?? '').trim();
  const parts = split(all('N')[0] ?? '', ';').map((part) => plain(part).trim());
  // Family, given, further names, and what stands before and after.
  const [family = '', given = '', further = '', before = '', after = ''] = parts;
  const whole = [before, given, further, family, after].filter(Boolean).join(' ');
  return {
    name: first('FN') || whole || first('NICKNAME') || plain(split(all('ORG')[0] ?? '', ';')[0] ?? '').trim(),
    numbers: all('TEL').map((value) => plain(value).replace(/^tel:/i, '').split(';', 1).join('').trim()).filter(Boolean),
    note: all('NOTE').map((value) => plain(value).trim()).filter(Boolean).join('\n'),
    labels: all('CATEGORIES').flatMap((value) => split(value, ',')).map((label) => plain(label).trim()).filter(Boolean),
  };
}

/** @param {string} value @param {string} mark what parts it where it is not escaped */
function split(value, mark) {
  return value.match(new RegExp(`(?:\\\\.|[^\\\\${mark}])+|(?<=^|${mark})(?=${mark}|$)`, 'g')) ?? [];
}

/** @param {string} value */
const plain = (value) => value.replace(/\\([\\,;:nN])/g, (_, mark) => (/n/i.test(mark) ? '\n' : mark));

const NAMESPACE = 'http://www.w3.org/2000/svg';

/** Drawn with a line of 1.75 in a square of 24. */
const PATHS = {
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM20 20l-4.9-4.9',
  account: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20a7.5 7.5 0 0 1 15 0',
  write: 'M12 5v14M5 12h14',
  inbox: 'M4 13.5h4.5l1.5 2.5h4l1.5-2.5H20M4 13.5V18a1.5 1.5 0 0 0 1.5 1.5h13A1.5 1.5 0 0 0 20 18v-4.5L17 5.5a1.5 1.5 0 0 0-1.4-1H8.4a1.5 1.5 0 0 0-1.4 1Z',
  people: 'M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 19.5a6.5 6.5 0 0 1 13 0M16 5a3.5 3.5 0 0 1 0 6.5M18 14a6.5 6.5 0 0 1 3.5 5.5',
  edit: 'M4.5 19.5l1-4L16 5a2 2 0 0 1 3 3L8.5 18.5l-4 1ZM14.5 6.5l3 3',
  menu: 'M12 5.5h.01M12 12h.01M12 18.5h.01',
  pin: 'M9 4h6l-1 6 3 3v1.5H7V13l3-3-1-6ZM12 14.5V20',
  template: 'M6 3.5h8.5L18.5 7.5v13h-12.5ZM9 11h6.5M9 14.5h6.5M9 7.5h3',
  back: 'M14.5 5.5 8 12l6.5 6.5',
  clock: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 7.5V12l3 2',
  attach: 'M19.5 11.5 12 19a4.6 4.6 0 0 1-6.5-6.5l8-8a3.1 3.1 0 0 1 4.4 4.4l-7.9 7.9a1.5 1.5 0 0 1-2.2-2.2l7.2-7.1',
  send: 'M12 19V5M5.5 11.5 12 5l6.5 6.5',
  many: 'M4 10v4.5h3L15 19V5.5L7 10ZM18 9.5a3.5 3.5 0 0 1 0 5.5M8 14.5 9.5 20',
  close: 'M6 6l12 12M18 6 6 18',
  more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  tick: 'M5.5 12.5l4.5 4.5 8.5-10',
  ticks: 'M2.5 12.5 7 17l8.5-10M12 15.5l1.5 1.5L22 7',
  down: 'M12 5v14M5.5 12.5 12 19l6.5-6.5',
  talk: 'M6.5 4h11A3.5 3.5 0 0 1 21 7.5v6a3.5 3.5 0 0 1-3.5 3.5H12l-5.5 4v-4A3.5 3.5 0 0 1 3 13.5v-6A3.5 3.5 0 0 1 6.5 4Z',
  away: 'M4 4l16 16M8.5 15.5a5 5 0 0 1 5.6-1M5 12a10 10 0 0 1 4-2.4M19 12a10 10 0 0 0-5.5-2.8M12 19h.01',
};

/** @typedef {keyof typeof PATHS} IconName */

/** @param {IconName} name @returns {SVGSVGElement} hidden from screen readers: a label says what it means */
export function icon(name) {
  const svg = document.createElementNS(NAMESPACE, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(NAMESPACE, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

import { makeTemplate, putTemplate, removeTemplate } from '../api/templates.js';
import { announce } from '../lib/announce.js';
import { fill, h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { words } from '../lib/words.js';
import { confirm, openDialog } from '../parts/dialog.js';
import { area, field } from '../parts/field.js';
import { form } from '../parts/form.js';
import { empty, failed, loading } from '../parts/states.js';

/** @import { Template } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { View } from './home.js' */

/** Texts that the user sends again and again. @param {Desk} desk @param {AbortSignal} signal @returns {View} */
export function templatesView(desk, signal) {
  const { templates } = desk;
  const list = h('ul', { class: 'sessions', 'aria-label': words.templates.title });
  const rest = h('div', {});
  const render = () => {
    const all = templates.list();
    fill(list, ...all.map((template) => entry(desk, template)));
    list.hidden = all.length === 0;
    if (templates.state === 'loading') fill(rest, loading(3, 'rows'));
    else if (templates.state === 'failed') fill(rest, failed(words.common.notLoaded, templates.failure ?? '', () => templates.load()));
    else fill(rest, all.length === 0 && empty('template', words.templates.none, words.templates.noneHint));
  };
  templates.changes.on(render, signal);
  templates.load();
  render();
  const back = h('a', { class: 'tool', href: '#/account', 'aria-label': words.common.account, title: words.common.account }, icon('back'));
  const heading = h('h2', { tabindex: '-1' }, words.templates.title);
  const add = h('button', { type: 'button', class: 'button primary', onclick: () => edit(desk, null) }, words.templates.add);
  const element = h(
    'section',
    { class: 'view', 'aria-label': words.templates.title },
    h('div', { class: 'bar' }, back, heading),
    h('div', { class: 'scroll padded', tabindex: '0', role: 'region', 'aria-label': words.templates.manage }, h('p', { class: 'soft' }, words.templates.hint), h('div', { class: 'actions' }, add), list, rest),
  );
  return { element, title: words.templates.title, focus: () => heading.focus() };
}

/** @param {Desk} desk @param {Template} template */
function entry(desk, template) {
  const erase = async () => {
    if (!(await confirm(words.templates.deleteTitle(template.name), words.templates.deleteText, { yes: words.common.delete }))) return;
    await removeTemplate(template.id);
    announce(words.templates.deleted);
    await desk.templates.changed();
  };
  const change = h('button', { type: 'button', class: 'button', onclick: () => edit(desk, template) }, words.templates.editOf(template.name));
  return h(
    'li',
    {},
    h('p', { class: 'agent' }, h('strong', { dir: 'auto' }, template.name)),
    h('p', { class: 'text quoted', dir: 'auto' }, template.content),
    h('div', { class: 'actions' }, change),
    form([], { label: words.templates.deleteOf(template.name), danger: true }, erase),
  );
}

/** @param {Desk} desk @param {Template | null} template a new one, if there is none yet */
function edit(desk, template) {
  const name = field(words.templates.name, { name: 'name', required: true, maxlength: 64, autocomplete: 'off', value: template?.name ?? '' });
  const content = area(words.templates.content, { name: 'content', rows: 5, required: true }, words.templates.contentHint);
  content.input.value = template?.content ?? '';
  const keep = form([name, content], { label: words.templates.save }, async (values) => {
    const wanted = { name: values.name ?? '', content: values.content ?? '' };
    if (template) await putTemplate(template.id, wanted);
    else await makeTemplate(wanted);
    dialog.close();
    announce(words.common.saved);
    await desk.templates.changed();
  });
  const leave = h('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, words.common.close);
  const dialog = openDialog(template ? words.templates.edit : words.templates.add, {}, keep, h('div', { class: 'actions' }, leave));
  name.input.focus();
}

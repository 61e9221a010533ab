import { fill, h } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { filled } from '../model/templates.js';
import { openDialog } from '../parts/dialog.js';
import { field } from '../parts/field.js';
import { form } from '../parts/form.js';

/** @import { Template } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */

/** Lets one of the user's templates be chosen, asks for its fields, and gives the text that is made of it. @param {Desk} desk @param {(text: string) => void} insert */
export async function openInsert(desk, insert) {
  const body = h('div', { class: 'insert' });
  const manage = h('a', { href: '#/account/templates', onclick: () => dialog.close() }, words.templates.manage);
  const leave = h('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, words.common.close);
  const dialog = openDialog(words.templates.insert, {}, body, h('p', {}, manage), h('div', { class: 'actions' }, leave));
  const done = (/** @type {string} */ text) => {
    dialog.close();
    insert(text);
  };
  const choose = (/** @type {Template} */ template) => {
    if (template.fields.length === 0) return done(template.content);
    fill(body, ...asked(template, done));
    body.querySelector('input')?.focus();
  };
  fill(body, h('p', { class: 'soft' }, words.common.loading));
  await desk.templates.load();
  const all = desk.templates.list();
  const entry = (/** @type {Template} */ template) =>
    h('li', {}, h('button', { type: 'button', class: 'button wide template', onclick: () => choose(template) }, h('strong', { dir: 'auto' }, template.name), h('span', { class: 'soft small', dir: 'auto' }, template.content)));
  fill(body, all.length > 0 ? h('ul', { class: 'menu' }, ...all.map(entry)) : h('p', { class: 'soft' }, desk.templates.failure ?? words.templates.none));
  body.querySelector('button')?.focus();
}

/** What stands in the places of its fields. @param {Template} template @param {(text: string) => void} done */
function asked(template, done) {
  const fields = template.fields.map((name) => field(name, { name, required: true, autocomplete: 'off', maxlength: 1600 }));
  const ask = form(fields, { label: words.templates.insertYes }, async (values) => done(filled(template.content, values)));
  return [h('p', { class: 'text quoted', dir: 'auto' }, template.content), ask];
}

import { enter } from '../api/client.js';
import { begin, end, session } from '../api/session.js';
import { h } from '../lib/dom.js';
import { openDialog } from '../parts/dialog.js';
import { field } from '../parts/field.js';
import { form } from '../parts/form.js';

/** Asks for the password again, over whatever the user was doing. */
export function relogin() {
  const name = session()?.name ?? '';
  const password = field('Password', {
    name: 'password',
    type: 'password',
    required: true,
    autofocus: true,
    autocomplete: 'current-password',
  });
  const username = h('input', { type: 'text', autocomplete: 'username', value: name, hidden: true, readonly: true });
  const body = form(
    [password],
    { label: 'Log in' },
    async (values) => {
      begin(await enter('login', { username: name, password: values.password ?? '' }), name);
      dialog.close();
    },
    username,
  );
  const leave = () => {
    dialog.close();
    end();
  };
  const dialog = openDialog(
    'Log in again',
    { dismissible: false },
    h('p', {}, 'Your login as ', h('strong', {}, name), ' has ended. What you have written is kept.'),
    body,
    h('button', { type: 'button', class: 'link', onclick: leave }, 'Log out and forget it'),
  );
  password.input.focus();
  return dialog;
}

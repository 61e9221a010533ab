import { showPassword } from '../api/client.js';
import { enter, logOut } from '../api/login.js';
import { session } from '../api/session.js';
import { h, phrase } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { openDialog } from '../parts/dialog.js';
import { field } from '../parts/field.js';
import { form } from '../parts/form.js';

/**
 * Asks for the password again, over whatever the user was doing.
 *
 * @param {() => Promise<boolean>} mayForget asks before something is lost
 */
export function relogin(mayForget) {
  const { name, kept } = session() ?? { name: '', kept: false };
  const password = field(words.common.password, {
    name: 'password',
    type: 'password',
    required: true,
    autofocus: true,
    autocomplete: 'current-password',
  });
  const username = h('input', { type: 'text', autocomplete: 'username', value: name, hidden: true, readonly: true });
  const body = form(
    [password],
    { label: words.auth.login },
    async (values) => {
      await enter(await showPassword('login', { username: name, password: values.password ?? '' }), name, kept);
      dialog.close();
    },
    username,
  );
  const leave = async () => {
    if (!(await mayForget())) return;
    dialog.close();
    await logOut();
  };
  const dialog = openDialog(
    words.relogin.title,
    { dismissible: false },
    h('p', {}, ...phrase(words.relogin.text, { name: h('strong', {}, name) })),
    body,
    h('button', { type: 'button', class: 'link', onclick: leave }, words.relogin.leave),
  );
  password.input.focus();
  return dialog;
}

import { alarm } from '../lib/announce.js';
import { words } from '../lib/words.js';

/** Does something with the views that are not seen first, which may have to be fetched before. @param {(rest: typeof import('./rest.js')) => unknown} run */
export async function later(run) {
  try {
    await run(await import('./rest.js'));
  } catch {
    alarm(words.home.partMissing);
  }
}

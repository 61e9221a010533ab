import { go, place } from '../lib/router.js';
import { parseNumber } from '../model/number.js';
import { accountView } from './account.js';
import { newCampaignView } from './campaign-new.js';
import { campaignView } from './campaign.js';
import { campaignsView } from './campaigns.js';
import { contactsView } from './contacts.js';
import { inboxView } from './inbox.js';
import { maybesView } from './maybes.js';
import { newView } from './new.js';
import { scheduledView } from './scheduled.js';
import { searchView } from './search.js';
import { sentView } from './sent.js';
import { templatesView } from './templates.js';
import { threadView } from './thread.js';

/** @import { ClientSettings } from '../api/types.js' */
/** @import { Desk } from '../model/desk.js' */
/** @import { View } from './home.js' */

/** What is shown beside the conversations, by the place in the client. @param {ClientSettings} settings @param {Desk} desk @param {AbortSignal} signal @returns {View | null} */
export function viewAt(settings, desk, signal) {
  const { path, query } = place();
  const [kind, what = ''] = path;
  if (kind === 'new') return newView(desk, parseNumber(query.get('to') ?? ''), signal);
  if (kind === 'inbox' && desk.inbox.open !== false) return inboxView(desk, signal);
  if (kind === 'search') return searchView(query, desk, signal);
  if (kind === 'sent' && what) return sentView(desk, what, signal);
  if (kind === 'campaigns' && what === 'new') return newCampaignView(desk, signal);
  if (kind === 'campaigns' && what === 'of' && path[2]) return campaignView(desk, path[2], signal);
  if (kind === 'campaigns') return campaignsView(desk, signal);
  if (kind === 'scheduled') return scheduledView(desk, signal);
  if (kind === 'maybes') return maybesView(desk, signal);
  if (kind === 'contacts') return contactsView(desk, signal);
  if (kind === 'account' && what === 'templates') return templatesView(desk, signal);
  if (kind === 'account') return accountView(settings, desk, signal);
  if (kind === 'conversations' && what) return threadView(desk, parseNumber(what) ?? what, query.get('at'), signal);
  if (kind) go('#/', { replace: true });
  return null;
}

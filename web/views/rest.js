/*
 * What is not seen first. It is a file of its own, which is loaded when one of these is asked for.
 */
export { accountView } from './account.js';
export { newCampaignView } from './campaign-new.js';
export { campaignView } from './campaign.js';
export { campaignsView } from './campaigns.js';
export { openCommands } from './commands.js';
export { contactsView } from './contacts.js';
export { openMenu } from './conversation-menu.js';
export { inboxView } from './inbox.js';
export { newView } from './new.js';
export { scheduledView } from './scheduled.js';
export { searchView } from './search.js';
export { sentView } from './sent.js';
export { openShortcuts } from './shortcuts.js';
export { templatesView } from './templates.js';
export { threadView } from './thread.js';

/*
 * What is not seen first. It is a file of its own, which is loaded when one of these is asked for.
 */
export { openCommands } from './commands.js';
export { openMenu } from './conversation-menu.js';
export { viewAt } from './places.js';
export { openShortcuts } from './shortcuts.js';

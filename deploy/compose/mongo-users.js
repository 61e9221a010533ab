// Makes MongoDB's users, and brings those of an earlier version up to date. Run at each start, on the server's
// own loopback address, where a server without any user lets the first one be made: so a start that was cut
// off is made up for by the next.
const fs = require("fs");
const password = (user) => fs.readFileSync(`/run/secrets/${user}-password`, "utf8");
const admin = db.getSiblingDB("admin");

const logsIn = () => {
  try {
    admin.auth("root", password("root"));
    return true;
  } catch (error) {
    if (error.codeName !== "AuthenticationFailed") throw error;
    return false;
  }
};

if (!logsIn()) {
  try {
    admin.createUser({ user: "root", pwd: password("root"), roles: ["root"] });
  } catch (error) {
    if (error.codeName !== "Unauthorized") throw error;
    print("The database has users, but root's password is not the one on the volume of secrets:");
    print("data and secrets belong together. Restore the volume that goes with this database.");
    quit(1);
  }
  admin.auth("root", password("root"));
}

// Only migrations make indexes and schemas.
const users = [
  { user: "mysms", pwd: password("mysms"), roles: ["readWrite"] },
  { user: "mysms-migrate", pwd: password("migrate"), roles: ["readWrite", "dbAdmin"] },
];
const mysms = db.getSiblingDB("mysms");
for (const { user, ...rest } of users) {
  if (mysms.getUser(user)) mysms.updateUser(user, rest);
  else mysms.createUser({ user, ...rest });
}

//! Puts modules together into few files: one answer costs a browser less than fifty, and is packed better.
//!
//! The first file has all that the module of a page imports, and what of several later ones is shared. Each module
//! that is imported by `import(…)` has a file with what is left of its own. A module runs once, in the order that
//! its imports say, and one that waits (such as for the words of a language) before all that does not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;

use crate::module::{Module, compact};

/// Reads modules when they are asked for.
pub(crate) struct Modules<'a> {
    read: &'a dyn Fn(&str) -> io::Result<String>,
    known: BTreeMap<String, Module>,
}

/// Modules by name, those that are needed before those that need them.
type Order = Vec<String>;

impl<'a> Modules<'a> {
    pub(crate) fn new(read: &'a dyn Fn(&str) -> io::Result<String>) -> Self {
        let known = BTreeMap::new();
        Self { read, known }
    }

    /// The files that a page needs whose module is `main`, by name.
    pub(crate) fn bundle(&mut self, main: &str) -> io::Result<BTreeMap<String, String>> {
        let mut first = self.order(main)?;
        let mut parts: BTreeMap<String, Order> = BTreeMap::new();
        let mut asked = self.later(&first);
        while let Some(part) = asked.pop_first() {
            if first.contains(&part) {
                return Err(io::Error::other(format!(
                    "web/{part} is imported at once and later"
                )));
            }
            let order = self.order(&part)?;
            let new = self.later(&order);
            parts.insert(part, order);
            asked.extend(new.into_iter().filter(|one| !parts.contains_key(one)));
        }
        let count = |module: &String| parts.values().filter(|part| part.contains(module)).count();
        let shared: BTreeSet<_> = parts
            .values()
            .flatten()
            .filter(|one| count(one) > 1)
            .cloned()
            .collect();
        // Nothing of the first file imports those that it has not.
        first.extend(
            shared
                .into_iter()
                .filter(|one| !first.contains(one))
                .collect::<Vec<_>>(),
        );
        let mut files = BTreeMap::new();
        files.insert(main.to_owned(), self.first(main, &first)?);
        for (name, order) in &parts {
            let own = || order.iter().filter(|one| !first.contains(one));
            if own().any(|one| self.known[one].waits) {
                return Err(io::Error::other(format!("web/{name} needs what waits")));
            }
            files.insert(name.clone(), self.part(name, own())?);
        }
        Ok(files)
    }

    fn order(&mut self, main: &str) -> io::Result<Order> {
        let mut order = Order::new();
        self.visit(main, &mut Vec::new(), &mut order)?;
        Ok(order)
    }

    fn visit(&mut self, name: &str, path: &mut Vec<String>, order: &mut Order) -> io::Result<()> {
        if order.iter().any(|one| one == name) {
            return Ok(());
        }
        if path.iter().any(|one| one == name) {
            let path = path.join(", ");
            return Err(io::Error::other(format!(
                "modules import each other: {path}"
            )));
        }
        path.push(name.to_owned());
        for needed in self.module(name)?.needs.clone() {
            self.visit(&needed, path, order)?;
        }
        path.pop();
        order.push(name.to_owned());
        Ok(())
    }

    fn module(&mut self, name: &str) -> io::Result<&Module> {
        if !self.known.contains_key(name) {
            let module = Module::read(name, &(self.read)(name)?)?;
            self.known.insert(name.to_owned(), module);
        }
        Ok(&self.known[name])
    }

    /// What some modules import when they want to.
    fn later(&self, order: &Order) -> BTreeSet<String> {
        order
            .iter()
            .flat_map(|name| self.known[name].later.clone())
            .collect()
    }

    fn first(&self, main: &str, order: &Order) -> io::Result<String> {
        let mut text = root(main);
        text += "const $modules={},$run={};";
        text += "const $=name=>name in $run?$run[name]:$run[name]=$modules[name]();";
        text += "const $later=async path=>(await import(new URL(path,$root).href)).default($,$later,$modules);";
        self.put(order.iter(), &mut text)?;
        for name in order.iter().filter(|name| self.known[*name].waits) {
            write!(text, "$run[{name:?}]=await $modules[{name:?}]();").map_err(io::Error::other)?;
        }
        write!(text, "$({main:?});").map_err(io::Error::other)?;
        finished(main, &text)
    }

    fn part<'o>(&self, name: &str, order: impl Iterator<Item = &'o String>) -> io::Result<String> {
        let mut text = root(name);
        text += "export default ($,$later,$modules)=>{";
        self.put(order, &mut text)?;
        write!(text, "return $({name:?})}}").map_err(io::Error::other)?;
        finished(name, &text)
    }

    fn put<'o>(
        &self,
        order: impl Iterator<Item = &'o String>,
        text: &mut String,
    ) -> io::Result<()> {
        for name in order {
            write!(text, "$modules[{name:?}]={};", self.known[name].function)
                .map_err(io::Error::other)?;
        }
        Ok(())
    }
}

/// From where a file's modules have their addresses.
fn root(name: &str) -> String {
    let up = "../".repeat(name.matches('/').count());
    format!("const $root=new URL(\"./{up}\",import.meta.url);")
}

fn finished(name: &str, text: &str) -> io::Result<String> {
    compact(text)
        .ok_or_else(|| io::Error::other(format!("web/{name} is no module once put together")))
}

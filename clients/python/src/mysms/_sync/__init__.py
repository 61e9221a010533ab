# Made by `make clients` from `_async`; not to be changed by hand.

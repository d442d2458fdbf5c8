import { TurnEnd } from '../../src/wire/turn-end.ts';

// Imported by a gateway of a test before its own sources: each of its turns is a busy one.

TurnEnd.shared = new TurnEnd(0);

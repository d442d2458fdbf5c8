/*
 * How a revocation reaches every worker, as a model for Spin. One session X, one store, one or two workers; a request, a
 * read, a poll and a message of each may be under way. `npm run model` checks it in several sizes, and checks that each
 * of the mutants below breaks what it should: a model that nothing can break says nothing.
 *
 * (a) nobody accepts X when L ticks have passed since its revocation was committed, or later;
 * (b) nobody accepts X for a request that began after the logout was answered.
 *
 * The rules that are modelled, by the numbers that the comments use:
 *   1  One step of the store writes the entry into the log, puts the tombstone, and returns who has to hear of it.
 *   2  A message of the bus is applied when it comes, and never moves the position in the log.
 *   3  A poll brings every entry after the position. When they are applied, the lease runs until LAM after the sending of
 *      the poll.
 *   4  A copy authorises while the lease lasts. A read authorises for LAM after its sending, and a request that joined one
 *      older than itself only while the lease lasts.
 *   5  What was applied is remembered, and a fill that comes later is dropped. A jump (the position set to the end of the
 *      log without applying what lies between) drops every copy and disowns the reads under way.
 *   6  A logout is answered when every worker in the table has acknowledged, or L has passed. The table has every worker
 *      that polled before the commit; one that has been silent for L is struck.
 *   7  After a replica has taken over, perhaps without the entry, nobody has a lease and no read counts until the new
 *      store is L old, and until then workers tell it the revocations that they remember. Logouts wait for L in full.
 *
 * Sizes: W workers (1 or 2), L the bound and LAM the lease in ticks, at most N entries in the log. SLOW: the clock of
 * worker 0 loses one tick in L. FAILOVER: a replica takes over, once. ONLY_A, ONLY_B: check one property. NOTRIM, NOCRASH:
 * leave a fault out.
 *
 * Every process may stand still while the clock ticks: that is the worker that is paused, the slow store and the slow
 * network. Polls, reads and messages get lost or come late without limit, workers crash and come back, the log is
 * trimmed. Workers have only the store and the barrier in common, and a barrier that waits for one more answers later: so
 * one worker stands for any number, and two are needed for the conjunction, and for failover, where one knows and the
 * other does not. Left out, because it can only refuse: what a worker does after it has applied the entry; and the table
 * after the commit, of which only the copy counts. Failover supposes that a worker that knew reaches the new store before
 * it is L old, and that the old store is gone. Not modelled: live streams, and whatever else is a jump.
 *
 * Mutants (one macro each) and what they break:
 *   M2    a message moves the position                                           (a) and (b)
 *   M3    a poll renews the lease and brings no entries: a mere heartbeat        (a) and (b)
 *   M3T   the lease counts from the arrival of the answer                        (a) and (b)
 *   M4A   a copy authorises without a lease                                      (a) and (b)
 *   M4B   a read of any age authorises                                           (a)
 *   M4J   a request joins an older read without a lease                          (b)
 *   M5    nothing that was applied is remembered                                 (a) and (b)
 *   M5G   a jump does not disown the reads under way                             (a) and (b)
 *   M6    logout does not wait                                                   (b)
 *   M6ANY logout waits for one acknowledgement                                   (b)
 *   M6S   whoever is silent is struck at once                                    (b)
 *   M6E   the table is believed at once after a failover                         (b)
 *   M7    nobody waits until the new store is L old                              (a) and (b)
 *   SLOW with LAM = L: nothing is left for clocks that run wrong                 (a) and (b)
 */
#ifndef W
#define W 2
#endif
#ifndef N
#define N 1
#endif
#ifndef L
#define L 1
#endif
#ifndef LAM
#define LAM L
#endif
#define NONE 3                  /* no position yet: a fresh process */
#define IDLE 0
#define SENT 1
#define DONE 2                  /* executed by the store, the answer on its way */

typedef Worker {
  unsigned pos : 2;             /* log position, moved by poll answers only (rule 2) */
  bit cached; bit revokedHere;  /* X in the cache; X in the memory of applied revocations */
  unsigned lease : 2;           /* ticks left of it, on the worker's own clock */
  unsigned poll : 2; unsigned pollAge : 2; unsigned tail : 2; bit jump; bit hasX;      /* poll in flight, its answer */
  unsigned read : 2; unsigned readAge : 2; bit live; bit old;                          /* read in flight, its answer */
  bit req; bit own; bit late;   /* a request waits; the read was sent after it began; it began after the answer */
  bit message;                  /* on the bus, undelivered */
  bit member; unsigned quiet : 2; bit waits;   /* its row in the table, age of the row, the barrier waits for it */
#ifdef M2
  unsigned other : 2;
#endif
#ifdef FAILOVER
  bit epoch; bit pollEpoch; bit noLease;
#endif
}
Worker w[W];
unsigned n : 2; unsigned x : 2; unsigned trimmed : 2;   /* log: last index, index of X's entry, entries gone */
unsigned since : 2; bit answered;                       /* ticks since the commit; logout has answered */
#ifdef SLOW
unsigned slack : 2;
#endif

bit ever;                                               /* X was revoked, whether or not the store still knows */
#ifdef FAILOVER
bit failed; bit lost; unsigned age : 2;                 /* a replica took over; without the entry of X; so long ago */
#ifdef M7
#define SETTLED true                                    /* rule 7: nobody waits for the others to submit again */
#else
#define SETTLED (!failed || age >= L)
#endif
#define INEPOCH (A.epoch == failed)
#define MAYTICK !(lost && x == 0 && age == L - 1)
#define MAYDIE !(lost && x == 0 && A.revokedHere)
#define FRESHEPOCH A.epoch = 0
#ifdef M6E
#define ROW A.member                                    /* rule 6: in a new epoch the table is trusted at once */
#else
#define ROW (A.member || (failed && age < L))
#endif
#else
#define MAYTICK true
#define MAYDIE true
#define FRESHEPOCH skip
#define SETTLED true
#define INEPOCH true
#define ROW A.member
#endif

#define A w[i]
#define committed (x != 0)

inline accept(beganAfterAnswer) {
#ifndef ONLY_B
  assert(!(ever && since >= L));
#endif
#ifndef ONLY_A
  assert(!(beganAfterAnswer));
#endif
}
inline endPoll(i)  { A.poll = IDLE; A.pollAge = 0; A.tail = 0; A.jump = 0; A.hasX = 0;
#ifdef FAILOVER
  A.pollEpoch = 0; A.noLease = 0
#endif
}
inline endReq(i)   { A.req = 0; A.own = 0; A.late = 0 }
inline endRead(i)  { A.read = IDLE; A.readAge = 0; A.live = 0; A.old = 0; endReq(i) }
inline sendRead(i) { A.read = SENT; A.readAge = 0; A.live = 0; A.old = 0 }
inline blank(i)    { endPoll(i); endRead(i); A.cached = 0; A.lease = 0; A.message = 0; A.pos = NONE }
#ifdef M5
inline apply(i)    { A.cached = 0; A.message = 0; A.waits = 0 }                  /* rule 5 removed: nothing is remembered */
#else
inline apply(i)    { blank(i); A.revokedHere = 1; A.waits = 0 }                  /* waits = 0: the acknowledgement */
#endif
#ifdef M4A
#define LEASED true                             /* rule 4, first half removed: the cache answers without a lease */
#else
#define LEASED (A.lease > 0)
#endif
#ifdef M4B
#define FRESH true                              /* rule 4, second half removed: an answer of any age will do */
#else
#define FRESH (A.readAge < LAM)
#endif
#ifdef M4J
#define MAYUSE true                             /* rule 4: a request may join a read older than itself, lease or no lease */
#else
#define MAYUSE (A.own || LEASED)
#endif
#ifdef M3T
#define LEFT LAM                                /* rule 3: the lease counted from the arrival of the answer */
#else
#define LEFT (LAM - A.pollAge)
#endif

proctype Run(byte i) {
  bit ok;
  do  /* requests: from the cache; by a read of its own; joining a read in flight; given up by the client */
  :: d_step { A.cached && LEASED -> accept(answered) }
  :: d_step { A.pos != NONE && A.read == IDLE -> sendRead(i); A.req = 1; A.own = 1; A.late = answered }
  :: d_step { A.read != IDLE && !A.req -> A.req = 1; A.own = 0; A.late = answered }
  :: d_step { A.req -> endReq(i) }
  :: d_step { A.read == DONE ->
       ok = A.live && !A.old && FRESH;
       if :: ok -> A.cached = 1 :: else fi;
       if
       :: ok && A.req && !MAYUSE -> sendRead(i); A.own = 1
       :: else -> if :: ok && A.req -> accept(A.late) :: else fi; endRead(i)
       fi; ok = 0 }
  :: d_step { A.read != IDLE -> endRead(i) }                                     /* lost */
  :: d_step { A.cached -> A.cached = 0 }                                         /* evicted */
  :: d_step { A.poll == IDLE && !A.revokedHere -> A.poll = SENT }
  :: d_step { A.poll == DONE ->
       if
#ifndef M3
       :: A.hasX -> apply(i)
#endif
#ifndef M5G                                     /* rule 5: a jump drops the cache and disowns the reads in flight */
       :: A.jump -> A.cached = 0; if :: A.read != IDLE -> A.old = 1 :: else fi
#else
       :: A.jump -> A.cached = 0
#endif
       :: else
       fi;
       if
       :: A.revokedHere
       :: else -> A.pos = A.tail;
#ifdef FAILOVER
          A.epoch = A.pollEpoch; if :: !A.noLease && LEFT > A.lease -> A.lease = LEFT :: else fi;
#else
          if :: LEFT > A.lease -> A.lease = LEFT :: else fi;
#endif
          endPoll(i)
       fi }
  :: d_step { A.poll != IDLE -> endPoll(i) }                                     /* lost */
  :: d_step { A.message && A.pos != NONE -> apply(i) }
  :: d_step { A.message -> A.message = 0 }                                       /* lost */
#ifdef M2
  :: d_step { A.other && A.pos != NONE -> A.pos = A.other; A.other = 0 }         /* rule 2: the bus moves the position */
#endif
#ifndef NOCRASH
  :: d_step { (A.pos != NONE || A.revokedHere) && MAYDIE -> blank(i); A.revokedHere = 0; FRESHEPOCH }
  :: d_step { (A.pos != NONE || A.revokedHere) && MAYDIE -> blank(i); A.revokedHere = 0; FRESHEPOCH; A.member = 0; A.quiet = 0; A.waits = 0 }
#endif
  /* the store serves this worker */
  :: d_step { A.poll == SENT -> A.poll = DONE; A.tail = n;
#ifdef FAILOVER
       A.pollEpoch = failed; A.noLease = !SETTLED;
       A.jump = (A.pos == NONE || A.pos < trimmed || (lost && !A.epoch && A.pos > 0));
#else
       A.jump = (A.pos == NONE || A.pos < trimmed);
#endif
       A.hasX = (committed && !A.jump && A.pos < x);
       if :: !committed -> A.member = 1; A.quiet = 0 :: else fi }
  :: d_step { A.read == SENT -> A.read = DONE; A.live = (!committed && INEPOCH && SETTLED) }
#ifdef M6S
  :: d_step { A.member -> A.member = 0; A.quiet = 0 }                            /* rule 6: a silent member is struck at once */
#else
  :: d_step { A.member && A.quiet >= L -> A.member = 0; A.quiet = 0 }
#endif
  od
}

#define DONEWITH(i) (!w[i].waits || since >= L)
#ifdef M6
#define BARRIER true                                                             /* rule 6 removed */
#else
#ifdef M6ANY
#define BARRIER (DONEWITH(0) || DONEWITH(W-1))                                   /* rule 6: one acknowledgement is enough */
#else
#define BARRIER (DONEWITH(0) && DONEWITH(W-1))
#endif
#endif

proctype Store() {
  byte i;
  do
  :: d_step { n < N && !ever -> n++; x = n; ever = 1;
       for (i : 0 .. W-1) { A.message = (A.pos != NONE); A.waits = ROW; A.member = 0; A.quiet = 0 } i = 0 }
  :: d_step { N > 1 && n < N -> n++;                                             /* somebody else's revocation */
#ifdef M2
       for (i : 0 .. W-1) { A.other = n } i = 0
#endif
     }
#ifndef NOTRIM
  :: d_step { trimmed < n -> trimmed = n }
#endif
#ifdef FAILOVER
  :: d_step { !failed -> failed = 1; for (i : 0 .. W-1) { A.member = 0; A.quiet = 0 } i = 0 }
  :: d_step { !failed && committed && (w[0].revokedHere || w[W-1].revokedHere) ->
       failed = 1; lost = 1; x = 0; n = 0; trimmed = 0; for (i : 0 .. W-1) { A.member = 0; A.quiet = 0 } i = 0 }
  :: d_step { lost && x == 0 && (w[0].revokedHere || w[W-1].revokedHere) -> n++; x = n;      /* submitted again */
       for (i : 0 .. W-1) { A.message = (A.pos != NONE); A.member = 0; A.quiet = 0 } i = 0 }
#endif
  :: d_step { ever && !answered && BARRIER -> answered = 1; for (i : 0 .. W-1) { A.waits = 0 } i = 0 }
  od
}

inline tick(first) {
  if :: ever && since < L -> since++ :: else fi;
  for (i : 0 .. W-1) {
    if
    :: i >= first ->
       if :: A.lease > 0 -> A.lease-- :: else fi;
       if :: A.poll != IDLE && A.pollAge < LAM -> A.pollAge++ :: else fi;
       if :: A.read != IDLE && A.readAge < LAM -> A.readAge++ :: else fi
    :: else
    fi;
    if :: A.member && A.quiet < L -> A.quiet++ :: else fi;
    if :: since >= L -> A.waits = 0 :: else fi
  }
#ifdef FAILOVER
  if :: failed && age < L -> age++ :: else fi;
#endif
  i = 0
}
proctype Clock() {
  byte i;
  do
#ifdef SLOW
  :: d_step { slack == 0 -> slack = L - 1; tick(1) }
  :: d_step { tick(0); if :: slack > 0 -> slack-- :: else fi }
#else
  :: d_step { MAYTICK -> tick(0) }
#endif
  od
}

init { atomic { w[0].pos = NONE; w[W-1].pos = NONE; run Run(0); if :: W > 1 -> run Run(W-1) :: else fi; run Store(); run Clock() } }

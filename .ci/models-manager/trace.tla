---- MODULE trace ----
\* The specification, held to a recorded run: what was seen after each input that changed it. A step
\* that nobody sees may come between two of them.
EXTENDS lankeeper, Sequences

CONSTANT Trace
VARIABLE step

Seen == [
  policy |-> policy, enabled |-> enabled, local |-> local, holds |-> holds, iface |-> iface,
  server |-> IF server = "pause" THEN "wait" ELSE server,
  number |-> number, owed |-> owed, results |-> results, suspended |-> suspended, lost |-> lost
]

TraceInit == Init /\ step = 1 /\ Seen = Trace[1]
TraceNext ==
  /\ step < Len(Trace) /\ Next /\ ~calm'
  /\ step' \in {step, step + 1} /\ Seen' = Trace[step']

\* Violated by a run that is a behaviour of the specification: there is one that ends as it did.
Unfinished == step < Len(Trace)
====

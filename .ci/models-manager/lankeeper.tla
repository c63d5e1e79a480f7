---- MODULE lankeeper ----
\* One interface, the server connection over it, and its two holders, as an application sees them,
\* after the rules of `src/spec.md`. `.ci/models` checks what is promised below, and that recorded runs
\* of the manager are behaviours of this.
\*
\* Left out: a second interface, settings of a request's own, the spread of a fleet (CON-18), server
\* calls, and how long anything takes: a deadline may pass at any time.
EXTENDS Naturals

VARIABLES
  policy,     \* "suspend", "return" or "keep": what becomes of failures (CON-1)
  enabled,    \* the interface may be used
  local,      \* the application holds the interface
  holds,      \* the server connection holds it
  iface,      \* "off", "power", "link", "address", "up" or, while held, "stopped"
  server,     \* "idle", "interface", "reach", "up", "flush", "wait" for a try, "pause" between rounds
  why,        \* why there is a try: "none", "asked", "silent", "suspended", "kept"
  number,     \* of the newest request for a connection, modulo 2
  owed,       \* that request has still to have its result
  results,    \* how many results it had
  suspended,  \* the application is to be suspended
  lost,       \* a loss was reported, and neither a connection nor a request came after it
  calm        \* from now on all that is asked of the world succeeds, and nobody asks for anything

told == <<owed, results, lost>>
rest == <<policy, enabled, local, number, calm>>
vars == <<rest, told, holds, iface, server, why, suspended>>

Init ==
  /\ policy \in {"suspend", "return", "keep"}
  /\ enabled = TRUE /\ local = FALSE /\ holds = FALSE /\ iface = "off"
  /\ server = "idle" /\ why = "none" /\ suspended = FALSE
  /\ number = 0 /\ owed = FALSE /\ results = 0 /\ lost = FALSE /\ calm = FALSE

OnItsWay == {"power", "link", "address"}
Trying == {"interface", "reach", "wait", "pause"}

\* An interface without a holder is powered down (IFC-8).
Iface(next) == iface' = IF local' \/ holds' THEN next ELSE "off"

Server(state, reason, hold) == server' = state /\ why' = reason /\ holds' = hold
Stays == UNCHANGED <<server, why, holds, suspended, told>>

TellResult == owed' = FALSE /\ results' = results + 1
\* A failure is the result of a request, or a loss that is reported.
TellFailure ==
  IF owed THEN TellResult /\ UNCHANGED lost ELSE lost' = TRUE /\ UNCHANGED <<owed, results>>

\* Nothing is tried any more.
Rests == Server("idle", "none", FALSE) /\ suspended' = FALSE

\* CON-13: the result of a failed request comes with the connection (CON-2).
Suspends(hold) == Server("wait", "suspended", hold) /\ suspended' = TRUE /\ UNCHANGED told

\* CON-10, CON-12, CON-13, CON-21: everything was tried, or the time is over.
Concludes(hold) ==
  CASE policy = "return" -> Rests /\ TellFailure
    [] policy = "keep" -> Server("wait", "kept", hold) /\ TellFailure /\ UNCHANGED suspended
    [] OTHER -> Suspends(hold)

\* A try failed. One that nobody asked for comes again.
TryFails(hold) ==
  IF why = "asked" THEN Concludes(hold)
  ELSE Server("wait", why, hold) /\ UNCHANGED <<suspended, told>>

\* A connection is lost; `next` is where it is tried again from.
Loses(next, hold) ==
  IF policy = "suspend"
  THEN Server(next, "suspended", hold) /\ suspended' = TRUE /\ UNCHANGED told
  ELSE Server(next, "silent", hold) /\ UNCHANGED <<suspended, told>>

\* What the server connection makes of what its interface does; `hold`: whether it still holds it.
HearsOfStop(hold) ==
  CASE server \in {"interface", "reach"} -> TryFails(hold)
    [] server = "up" -> Loses("wait", hold)
    [] server = "flush" -> Rests /\ UNCHANGED told
    [] server = "pause" -> Server("pause", why, FALSE) /\ UNCHANGED <<suspended, told>>
    [] server = "wait" -> Server("wait", why, hold) /\ UNCHANGED <<suspended, told>>
    [] OTHER -> Stays

HearsOfLeaving ==
  CASE server = "reach" -> Server("interface", why, holds) /\ UNCHANGED <<suspended, told>>
    [] server = "up" -> Loses("interface", holds)
    [] server = "flush" -> Rests /\ UNCHANGED told
    [] OTHER -> Stays

\* CON-19: it ends a wait, but not each.
HearsOfUp ==
  \/ server \in {"interface", "wait", "pause"}
     /\ Server("reach", why, TRUE) /\ UNCHANGED <<suspended, told>>
  \/ server # "interface" /\ Stays

\* The interface, by itself.

Advances ==
  /\ UNCHANGED rest
  /\ \/ iface = "power" /\ Stays /\ Iface("link")
     \/ iface = "link" /\ Stays /\ Iface("address")
     \/ iface = "address" /\ HearsOfUp /\ Iface("up")

\* Also while it is stopped: a cable that is pulled then, for example.
Stops ==
  /\ iface # "off" /\ ~calm /\ UNCHANGED rest
  /\ HearsOfStop(holds) /\ Iface("stopped")

\* CON-5: an address that does not come in time ends no try.
AddressIsLate ==
  /\ iface = "address" /\ ~calm /\ UNCHANGED rest
  /\ Stays /\ Iface("stopped")

StepEnds == iface \in OnItsWay /\ (Stops \/ AddressIsLate)

Leaves ==
  /\ iface = "up" /\ ~calm /\ UNCHANGED rest
  /\ HearsOfLeaving /\ \E next \in {"link", "address"} : Iface(next)

\* IFC-14 says at which step; at once where that has succeeded meanwhile.
Resumes(next) == IF next = "up" THEN HearsOfUp /\ Iface("up") ELSE Stays /\ Iface(next)

BackOffEnds ==
  /\ iface = "stopped" /\ UNCHANGED rest
  /\ \E next \in OnItsWay \union {"up"} : Resumes(next)

\* The server connection, by itself.

ServerAnswers ==
  /\ server = "reach" /\ UNCHANGED rest
  /\ Server("up", "none", holds) /\ suspended' = FALSE /\ lost' = FALSE
  /\ IF owed THEN TellResult ELSE UNCHANGED <<owed, results>>
  /\ Iface(iface)

ServerFails ==
  /\ server \in {"reach", "up", "flush"} /\ ~calm /\ UNCHANGED rest
  /\ CASE server = "reach" -> TryFails(holds)
       [] server = "up" -> Loses("wait", holds)
       [] OTHER -> Rests /\ UNCHANGED told
  /\ Iface(iface)

\* CON-20: nobody is suspended for that.
AddressChanges ==
  /\ server = "up" /\ ~calm /\ UNCHANGED rest
  /\ \E next \in {"wait", "reach"} : Server(next, "silent", holds)
  /\ UNCHANGED <<suspended, told, iface>>

\* Begins a try that nobody asks for: it waits with an interface whose back-off runs (IFC-13). That of
\* one that is off runs still if the application has just let go of it: a pause outlasts each.
Tries ==
  /\ UNCHANGED <<suspended, told>>
  /\ CASE iface = "off" ->
            \/ Server("interface", why, TRUE) /\ Iface("power")
            \/ ~calm /\ Server("wait", why, TRUE) /\ Iface("stopped")
       [] iface = "up" -> Server("reach", why, TRUE) /\ Iface("up")
       [] iface = "stopped" ->
            \E next \in {"interface", "wait"} : Server(next, why, TRUE) /\ Iface("stopped")
       [] OTHER -> Server("interface", why, TRUE) /\ Iface(iface)

WaitEnds ==
  /\ server \in {"wait", "pause"} /\ UNCHANGED rest
  /\ IF enabled THEN Tries
     ELSE Server("wait", why, FALSE) /\ UNCHANGED <<suspended, told>> /\ Iface(iface)

\* A healthy server answers in time.
InTime == ~(calm /\ server = "reach")

\* CON-10. Under "keep" what is under way goes on (CON-21).
AttemptTimesOut ==
  /\ why = "asked" /\ InTime /\ UNCHANGED rest
  /\ IF policy = "keep"
     THEN Server(server, "kept", holds) /\ TellFailure /\ UNCHANGED suspended
     ELSE Concludes(holds)
  /\ Iface(iface)

\* CON-12: the time for which a loss is not reported. Under "keep" what is under way goes on.
GraceEnds ==
  /\ why = "silent" /\ InTime /\ UNCHANGED rest
  /\ IF policy = "keep"
     THEN Server(server, "kept", holds) /\ TellFailure /\ UNCHANGED suspended
     ELSE Concludes(holds)
  /\ Iface(iface)

\* CON-13. An interface that is on its way stays held, also one whose address is only late.
RoundEnds ==
  /\ why = "suspended" /\ server # "pause" /\ InTime /\ UNCHANGED rest
  /\ \E hold \in CASE iface \in OnItsWay -> {holds} [] iface = "stopped" -> {FALSE, holds}
                   [] OTHER -> {FALSE} :
       Server("pause", why, hold)
  /\ UNCHANGED <<suspended, told>> /\ Iface(iface)

KeptTryTimesOut ==
  /\ why = "kept" /\ server = "reach" /\ InTime /\ UNCHANGED rest
  /\ TryFails(holds) /\ Iface(iface)

\* Sent, or the time for it is over (CON-15).
FlushEnds ==
  /\ server = "flush" /\ UNCHANGED <<rest, told>>
  /\ Rests /\ Iface(iface)

\* The application.

Opens ==
  /\ ~local /\ enabled /\ local' = TRUE /\ UNCHANGED <<policy, enabled, number, calm>>
  /\ CASE iface = "off" -> Stays /\ Iface("power")
       [] iface = "stopped" -> \E next \in OnItsWay \union {"up"} : Resumes(next)
       [] OTHER -> Stays /\ Iface(iface)

Closes ==
  /\ local /\ local' = FALSE /\ UNCHANGED <<policy, enabled, number, calm>>
  /\ Stays /\ Iface(iface)

\* CON-9: what was asked for before never gets a result. CON-8: what there is already is the answer.
Connects ==
  /\ enabled /\ number' = 1 - number /\ lost' = FALSE
  /\ UNCHANGED <<policy, enabled, local, calm>>
  /\ IF server = "up"
     THEN results' = 1 /\ owed' = FALSE /\ UNCHANGED <<server, why, holds, suspended, iface>>
     ELSE /\ results' = 0 /\ owed' = TRUE /\ UNCHANGED suspended
          /\ \E next \in CASE iface = "off" -> {"power"}
                           [] iface = "stopped" -> OnItsWay \union {"up"}
                           [] OTHER -> {iface} :
               /\ Server(IF next = "up" THEN "reach" ELSE "interface", "asked", TRUE)
               /\ Iface(next)

\* CON-2: a result for what was asked for.
Disconnects ==
  /\ server # "idle" /\ UNCHANGED rest
  /\ \/ Rests /\ Iface(iface) /\ IF owed THEN TellFailure ELSE UNCHANGED told
     \/ server = "up" /\ Server("flush", "none", holds) /\ UNCHANGED <<suspended, told, iface>>

\* OPEN-2: whatever its holders.
Disables ==
  /\ enabled /\ enabled' = FALSE /\ local' = FALSE /\ UNCHANGED <<policy, number, calm>>
  /\ HearsOfStop(FALSE) /\ Iface("off")

\* CON-19: it ends a wait.
Enables ==
  /\ ~enabled /\ enabled' = TRUE /\ UNCHANGED <<policy, local, number, calm>>
  /\ IF server \in {"wait", "pause"} THEN Tries ELSE Stays /\ Iface(iface)

\* A failure that was reported is not reported again (CON-21), nor is an attempt cut short.
ChoosesPolicy ==
  /\ policy' \in {"suspend", "return", "keep"} \ {policy}
  /\ UNCHANGED <<enabled, local, number, calm>>
  /\ CASE why \notin {"suspended", "kept"} ->
            suspended' = FALSE /\ UNCHANGED <<server, why, holds, told>>
       [] policy' = "suspend" -> Suspends(holds)
       [] policy' = "return" ->
            Rests /\ IF why = "kept" THEN UNCHANGED told ELSE TellFailure
       [] OTHER -> Server("wait", "kept", holds) /\ TellFailure /\ suspended' = FALSE
  /\ Iface(iface)

Application ==
  ~calm /\ (Opens \/ Closes \/ Connects \/ Disconnects \/ Disables \/ Enables \/ ChoosesPolicy)
Calms ==
  /\ calm' = TRUE
  /\ UNCHANGED <<policy, enabled, local, number, told, holds, iface, server, why, suspended>>

Next ==
  \/ Advances \/ Stops \/ AddressIsLate \/ Leaves \/ BackOffEnds
  \/ ServerAnswers \/ ServerFails \/ AddressChanges \/ WaitEnds
  \/ AttemptTimesOut \/ GraceEnds \/ RoundEnds \/ KeptTryTimesOut \/ FlushEnds
  \/ Application \/ Calms

\* Time passes, so that every deadline does, and a healthy world answers.
Fair ==
  /\ WF_vars(StepEnds) /\ WF_vars(BackOffEnds) /\ WF_vars(WaitEnds)
  /\ WF_vars(AttemptTimesOut) /\ WF_vars(GraceEnds) /\ WF_vars(RoundEnds)
  /\ WF_vars(KeptTryTimesOut) /\ WF_vars(FlushEnds)
  /\ WF_vars(calm /\ Advances) /\ WF_vars(calm /\ ServerAnswers)

Spec == Init /\ [][Next]_vars /\ Fair

\* What is promised.

Carried == server \in {"reach", "up", "flush"} => iface = "up" /\ holds
PoweredDown == (local \/ holds) = (iface # "off")
NotDisabled == enabled \/ iface = "off"
OneResult == results <= 1 /\ (owed => results = 0)
NoneForgotten == owed => why \in {"asked", "suspended"}
Suspended == suspended => policy = "suspend" /\ server \in Trying
Reported == lost => server # "up"

\* CON-2: each attempt has its result, unless it is superseded or suspends.
EveryAttemptEnds ==
  \A n \in 0..1 : (owed /\ number = n) ~> (~owed \/ suspended \/ number # n)
\* CON-12: a loss is made good or reported.
EveryLossIsTold == (why = "silent") ~> (why # "silent")
\* CON-15
EveryFlushEnds == (server = "flush") ~> (server # "flush")
\* IFC-11: a healthy world leads to CONNECTED.
InterfaceArrives == (calm /\ local) ~> (iface = "up")
ServerArrives == (calm /\ enabled /\ why \in {"suspended", "kept"}) ~> (server = "up")
====

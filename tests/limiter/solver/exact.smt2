; The exact bucket of RATE-1, RATE-3 and RATE-5, on its own: numbers without bounds, which nothing
; rounds. A level is in millionths of a token; below zero it is a debt that a larger burst left.
; Because a second has a million microseconds, each of them adds the rate in millionths.

(define-fun exact.full ((burst Int)) Int (* burst 1000000))

(define-fun exact.later ((rate Int) (burst Int) (level Int) (micros Int)) Int
  (let ((sum (+ level (* rate micros))))
    (ite (< sum (exact.full burst)) sum (exact.full burst))))

(define-fun exact.admits ((level Int) (tokens Int)) Bool (>= level (* tokens 1000000)))

(define-fun exact.left ((level Int) (tokens Int)) Int
  (ite (exact.admits level tokens) (- level (* tokens 1000000)) level))

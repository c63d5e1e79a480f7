; What z3 has to prove of the long division: from what holds before a round follows what holds after
; it, and the five rounds begin and end where they should. `by` is a rate, or a token.
;
; Before a round the digits hold the rest of the dividend at the top, a digit of 12 bits and `tail`
; below `room`, and at the bottom a quotient below `place`. What was taken of the
; dividend is quotient * by + rest.

; `place`, `room` and `digits` are made for each round.
(declare-const number Int)
(declare-const by Int)
(declare-const quotient Int)
(declare-const rest Int)
(declare-const digit Int)
(declare-const tail Int)
(assert (and (<= 0 number) (< number 1152921504606846976)))
(assert (and (<= 1 by) (< by 1048576)))
(assert (and (<= 0 quotient) (<= 0 rest) (< rest by)))
(assert (and (<= 0 digit) (< digit 4096) (<= 0 tail)))

(define-fun part () Int (round.part digits rest))
(define-fun next () Int (+ (* quotient 4096) (u32.div part by)))
(assert (and (< quotient place) (< tail room)))

; What is proven may be used by what follows.
(define-fun claim.round.part.fits () Bool (round.part.fits digits rest))
(define-fun claim.round.part () Bool (= part (+ (* rest 4096) digit)))
(define-fun claim.round.digit () Bool
  (and (u32.div.fits part by) (<= 0 (u32.div part by)) (< (u32.div part by) 4096)))
(define-fun claim.round.digits () Bool
  (= (round.digits digits rest by) (+ (* tail place 65536) next)))
(define-fun claim.round.or () Bool (or12.fits (u64.shl12! digits) (u32.div part by)))
(define-fun claim.round.rest () Bool
  (let ((after (round.rest digits rest by)))
    (and (<= 0 after) (< after by) (= (+ (* (u32.div part by) by) after) part))))
(define-fun claim.round.fits () Bool
  (and (round.digits.fits digits rest by) (round.rest.fits digits rest by)))

; Before the first round, and instead of all of them.
(define-fun claim.first () Bool
  (and (u64.shl4.fits number) (= (u64.shl4 number) (* number 16))))
(define-fun claim.short () Bool
  (=> (<= number u32.max)
    (and
      (u32.div.fits number by)
      (<= (* (u32.div number by) by) number)
      (< number (* (+ (u32.div number by) 1) by)))))

; What z3 has to prove for each quota: `rate` and `burst` are its numbers, or unknown too. An
; unknown is anything that the code can meet. The formula of the code and the exact bucket meet
; only here.

(declare-const credit Int)      ; of the bucket
(declare-const at Int)          ; the instant that it is of
(declare-const now Int)         ; the instant of the request: before `at`, or any span after it
(declare-const tokens Int)      ; that are requested
(declare-const shorter Int)     ; a wait shorter than the one that is reported
(assert (and (<= 0 at) (<= at u64.max) (<= 0 now) (<= now u64.max)))
(assert (and (<= 0 tokens) (<= tokens u32.max)))

; A bucket is full, or it lacks at most the largest burst: `Bucket::FULL` lacks nothing, and
; `claim.sound` says that it stays so. Below its own burst it is in debt to a larger one.
(define-fun sound ((credit Int)) Bool
  (and (<= credit u64.max) (<= (- u64.max credit) (* u32.max 1000000))))
(assert (sound credit))

; What a credit stands for in the exact bucket.
(define-fun level ((credit Int)) Int (- (exact.full burst) (- u64.max credit)))

(define-fun span () Int (ite (<= at now) (- now at) 0))
(define-fun missing () Int (take.missing burst credit tokens))
(define-fun wait () Int (retry.wait missing rate))
; What divide.smt2 proves of a quotient.
(define-fun quotient ((number Int) (by Int)) Bool
  (=> (divide.fits number by)
    (and
      (<= (* (divide number by) by) number)
      (< number (* (+ (divide number by) 1) by)))))
(assert (quotient (u64.wrapping_sub missing 1) rate))
(assert (quotient (u64.saturating_sub! credit (empty burst)) token))

(define-fun refused () Bool
  (and (<= tokens burst) (not (take.admitted burst credit tokens))))

(define-fun claim.refill.fits () Bool (refill.credit.fits rate credit at now))
(define-fun claim.take.fits () Bool
  (=> (<= tokens burst)
    (and (take.admitted.fits burst credit tokens) (take.credit.fits burst credit tokens))))
(define-fun claim.retry.fits () Bool
  (=> refused (and (take.missing.fits burst credit tokens) (retry.at.fits at missing rate))))
(define-fun claim.available.fits () Bool (available.fits burst credit))

; RATE-1, TIME-2, and what a refused request leaves behind.
(define-fun claim.refill () Bool
  (and
    (= (level (refill.credit rate credit at now)) (exact.later rate burst (level credit) span))
    (= (refill.at at now) (+ at span))))

(define-fun claim.sound () Bool
  (and
    (sound (refill.credit rate credit at now))
    (=> (<= tokens burst) (sound (take.credit burst credit tokens)))))

(define-fun claim.never_above_the_burst () Bool
  (and
    (<= (level (refill.credit rate credit at now)) (exact.full burst))
    (<= (available burst credit) burst)))

; RATE-2, RATE-5
(define-fun claim.admitted_if_and_only_if_the_tokens_are_there () Bool
  (=> (<= tokens burst)
    (and
      (= (take.admitted burst credit tokens) (exact.admits (level credit) tokens))
      (= (level (take.credit burst credit tokens)) (exact.left (level credit) tokens)))))

; RATE-3, TIME-4: after the wait the exact bucket admits, after no shorter one it does.
(define-fun claim.retry () Bool
  (=> refused
    (and
      (exact.admits (exact.later rate burst (level credit) wait) tokens)
      (=> (and (<= 0 shorter) (< shorter wait))
        (not (exact.admits (exact.later rate burst (level credit) shorter) tokens)))
      (= (retry.at at missing rate) (ite (<= (+ at wait) u64.max) (+ at wait) u64.max)))))

(define-fun claim.available () Bool
  (let ((whole (available burst credit)))
    (and
      (<= 0 whole)
      (or (exact.admits (level credit) whole) (= whole 0))
      (not (exact.admits (level credit) (+ whole 1))))))

; What must be possible, or the claims would hold of nothing.
(define-fun possible.admitted () Bool
  (and (< 0 tokens) (<= tokens burst) (take.admitted burst credit tokens)))
(define-fun possible.refused () Bool (and refused (< 1 wait)))
(define-fun possible.debt () Bool (< (level credit) 0))
(define-fun possible.refill_beyond_64_bits () Bool (> (* rate span) u64.max))
(define-fun possible.filled_in_part () Bool
  (< (level credit) (level (refill.credit rate credit at now)) (exact.full burst)))
(define-fun possible.retry_at_the_end_of_time () Bool (and refused (> (+ at wait) u64.max)))

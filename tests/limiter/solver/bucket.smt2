; The formula of src/udp/quota.rs and src/udp/bucket.rs, operation by operation, in the words of
; words.smt2. A time is in microseconds.

(define-fun token () Int 1000000)

; quota.rs: `cost`, `empty`, `refill`

(define-fun cost ((tokens Int)) Int (u64.saturating_mul tokens token))

(define-fun empty ((burst Int)) Int (u64.saturating_sub u64.max (cost burst)))

(define-fun added ((rate Int) (micros Int)) Int (u64.checked_mul_or! micros rate u64.max))

; bucket.rs: `refill`, which leaves a credit and an instant

(define-fun refill.credit ((rate Int) (credit Int) (at Int) (now Int)) Int
  (u64.saturating_add! credit
    (ite (<= at now) (added rate (u64.checked_sub now at)) 0)))

(define-fun refill.at ((at Int) (now Int)) Int (ite (<= at now) now at))

; bucket.rs: `take`, of a bucket that is refilled

(define-fun take.rest ((credit Int) (tokens Int)) Int (u64.wrapping_sub credit (cost tokens)))

(define-fun take.admitted ((burst Int) (credit Int) (tokens Int)) Bool
  (>= (take.rest credit tokens) (empty burst)))

(define-fun take.credit ((burst Int) (credit Int) (tokens Int)) Int
  (ite (take.admitted burst credit tokens) (take.rest credit tokens) credit))

(define-fun take.missing ((burst Int) (credit Int) (tokens Int)) Int
  (u64.wrapping_sub (empty burst) (take.rest credit tokens)))

; bucket.rs: `divide_long`, five rounds of 12 bits

(define-fun round.part ((digits Int) (rest Int)) Int
  (or12 (u32.shl12 rest) (u32.try_from_or (u64.shr52 digits) 0)))

(define-fun round.digits ((digits Int) (rest Int) (by Int)) Int
  (or12 (u64.shl12! digits) (u32.div (round.part digits rest) by)))

(define-fun round.rest ((digits Int) (rest Int) (by Int)) Int
  (u32.rem (round.part digits rest) by))

(define-fun divide_long ((number Int) (by Int)) Int
  (let ((digits (u64.shl4 number)) (rest 0))
  (let ((digits (round.digits digits rest by)) (rest (round.rest digits rest by)))
  (let ((digits (round.digits digits rest by)) (rest (round.rest digits rest by)))
  (let ((digits (round.digits digits rest by)) (rest (round.rest digits rest by)))
  (let ((digits (round.digits digits rest by)) (rest (round.rest digits rest by)))
    (round.digits digits rest by)))))))

; bucket.rs: `divide`

(define-fun divide ((number Int) (by Int)) Int
  (ite (<= number u32.max) (u32.div number by) (divide_long number by)))

; bucket.rs: `WouldBlock::retry_at`

(define-fun retry.wait ((missing Int) (rate Int)) Int
  (u64.saturating_add (divide (u64.wrapping_sub missing 1) rate) 1))

(define-fun retry.at ((at Int) (missing Int) (rate Int)) Int
  (u64.saturating_add! at (retry.wait missing rate)))

; bucket.rs: `available`, of a bucket that is refilled

(define-fun available ((burst Int) (credit Int)) Int
  (u32.try_from_or (divide (u64.saturating_sub! credit (empty burst)) token) burst))

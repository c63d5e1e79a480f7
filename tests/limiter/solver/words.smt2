; What Rust does with its integers: numbers without bounds, and each operation says what happens at
; the end of its type. Read by z3 (.ci/solver), and evaluated beside Rust's own operations by
; tests/limiter/formula.rs.
;
; An operation has a sister NAME.fits if it must never reach that end; z3 proves this wherever it is
; used. One with an exclamation mark reaches it on purpose.

(define-fun u32.max () Int 4294967295)
(define-fun u64.max () Int 18446744073709551615)

(define-fun u64.checked_sub ((a Int) (b Int)) Int (- a b))
(define-fun u64.checked_sub.fits ((a Int) (b Int)) Bool (<= b a))

(define-fun u64.wrapping_sub ((a Int) (b Int)) Int (mod (- a b) 18446744073709551616))
(define-fun u64.wrapping_sub.fits ((a Int) (b Int)) Bool (<= b a))

(define-fun u64.saturating_sub! ((a Int) (b Int)) Int (ite (<= b a) (- a b) 0))
(define-fun u64.saturating_sub ((a Int) (b Int)) Int (u64.saturating_sub! a b))
(define-fun u64.saturating_sub.fits ((a Int) (b Int)) Bool (<= b a))

(define-fun u64.saturating_add! ((a Int) (b Int)) Int
  (ite (<= (+ a b) u64.max) (+ a b) u64.max))
(define-fun u64.saturating_add ((a Int) (b Int)) Int (u64.saturating_add! a b))
(define-fun u64.saturating_add.fits ((a Int) (b Int)) Bool (<= (+ a b) u64.max))

(define-fun u64.saturating_mul ((a Int) (b Int)) Int
  (ite (<= (* a b) u64.max) (* a b) u64.max))
(define-fun u64.saturating_mul.fits ((a Int) (b Int)) Bool (<= (* a b) u64.max))

; `a.checked_mul(b).unwrap_or(or)`
(define-fun u64.checked_mul_or! ((a Int) (b Int) (or_else Int)) Int
  (ite (<= (* a b) u64.max) (* a b) or_else))

; `u32::try_from(a).unwrap_or(or)`
(define-fun u32.try_from_or ((a Int) (or_else Int)) Int (ite (<= a u32.max) a or_else))
(define-fun u32.try_from_or.fits ((a Int) (or_else Int)) Bool (and (<= 0 a) (<= a u32.max)))

(define-fun u32.div ((a Int) (b Int)) Int (div a b))
(define-fun u32.div.fits ((a Int) (b Int)) Bool
  (and (<= 0 a) (<= a u32.max) (< 0 b) (<= b u32.max)))
(define-fun u32.rem ((a Int) (b Int)) Int (mod a b))
(define-fun u32.rem.fits ((a Int) (b Int)) Bool (u32.div.fits a b))

; Shifts by 4, 12 and 52 bits: what is left of the bits that stay.
(define-fun u64.shl4 ((a Int)) Int (* (mod a 1152921504606846976) 16))
(define-fun u64.shl4.fits ((a Int)) Bool (<= (* a 16) u64.max))
(define-fun u64.shl12! ((a Int)) Int (* (mod a 4503599627370496) 4096))
(define-fun u32.shl12 ((a Int)) Int (* (mod a 1048576) 4096))
(define-fun u32.shl12.fits ((a Int)) Bool (<= (* a 4096) u32.max))
(define-fun u64.shr52 ((a Int)) Int (div a 4503599627370496))

; `a | b`, where the lowest 12 bits are those of b alone.
(define-fun or12 ((a Int) (b Int)) Int (+ a b))
(define-fun or12.fits ((a Int) (b Int)) Bool (and (= (mod a 4096) 0) (<= 0 b) (< b 4096)))

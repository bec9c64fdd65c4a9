"""Replies labelled by people: what a text means, to judge by how well texts are read.

One file a language and half, `<locale>.<half>.yaml`: a list of entries below a head comment. The
half `rules` was written beside the reading rules; the half `test` by others, who had not seen them.
`later` holds more of the meanings that were read worst, and two halves more, `danger-rules` and
`danger-test`, say danger to oneself aslant or use its words for something harmless: only
`self_harm` is judged by those. All three were written before the rules were changed for them.

What the labels mean, in every language alike:
- A text has every intent that the writer truly says, the gravest in `says`. Being polite on the way
  is no `thanks`; a bare "ok" or thumb up is, for nothing is asked of us.
- `promise` is the writer's own will to pay, with a day or without. Waiting for wages is no
  `hardship`; having none is. One share now is `part_payment`, several are `plan_request`.
- A medium refused while another is named is `channel`, and a time refused is `hour`: neither is
  `opt_out`. A time of day for a call is `hour` too.
- How, where or how much to pay is `help`; who writes, what for, or whether it is a fraud is
  `not_understood`. A child on a parent's phone is `minor`.
- `insolvency` is a procedure begun or asked for; a moratorium, or somebody who advises on debts, is
  `breathing_space`. Rage at us is `complaint` when it names a deed, `abuse` when it only insults.
- A day is given where the text settles it: a weekday is the next one of its name, in what was paid
  the last. "Next week" is no day. `on` and `wrote_on` go together.
"""

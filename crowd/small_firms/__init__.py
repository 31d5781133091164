"""Science and technology SMEs: their register, into which a firm comes that meets conditions checked by machine.

Nouns: firm, application, conditions, points, objection. Operations: apply (a case of `crowd.cases`, published while
anybody may object), enter after the time for objections, uphold an objection. The conditions are those of China's
Measures for Evaluating Science and Technology SMEs of 2017 (No. 115); their figures are settings and data.
"""

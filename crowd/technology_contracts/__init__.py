"""Technology contracts: their registration, the register, and its totals. Nouns: contract, seller, contract amount,
technology amount.

Operations: apply (a case of `crowd.cases`), register after the check, export. Used by sellers (people and
organisations) and by the service centre. What is typed is data of the application's form; what is registered is an
entry of `crowd.registers`.
"""

"""The course of a challenge once its draft was sent off, up to the settlement.

Verbs: send back, approve, fund, lapse, open, close, cancel, decide, settle; archive for external records.
Who comes here: the screening, sponsors who pay or call off, the jobs of the timetable, and scoring.
"""

"""The eight exports: files of a snapshot for people and programs that do not read Parquet.

Belongs here: their content (`documents`), how they are written (`writing`), read back and
validated (`reading`), described (`schemas`) and delivered (`delivery`). Does not belong here:
whether they may be published, which is the check `exports`.
"""

"""The seven exports: files of a snapshot for people and programs that read no Parquet.

Belongs here: what they hold (`documents`), how they are written (`writing`), read back
(`reading`), described (`schemas`, `validation`) and handed out (`delivery`). Does not
belong here: whether they may be published, which is the check `exports`.
"""

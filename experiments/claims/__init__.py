"""The paper's claims, one file each: the statement, the measure, and the rule fixed beforehand."""

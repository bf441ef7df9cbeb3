"""The use cases of jobs/erase.py, jobs/export_person.py and jobs/renew_pseudonyms.py."""

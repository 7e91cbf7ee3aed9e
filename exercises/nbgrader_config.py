"""How nbgrader runs the course: ``cd exercises``, then ``nbgrader <command>``.

What is private (submissions, grade book, feedback) lives outside this repository, in the folder
named by CCMC_COURSE_DIR, by default ``ccmc-course`` in the home folder.
CCMC_SOURCE_DIR names another folder of masters, for a course that keeps its own.
"""

import os
from pathlib import Path

from ccmc_grading.nbgrader_steps import DataOfTheRoster, HideHiddenTests
from nbgrader.converters import Autograde, GenerateFeedback

here = Path(__file__).resolve().parent
course = Path(os.environ.get("CCMC_COURSE_DIR") or Path.home() / "ccmc-course").resolve()
source = Path(os.environ.get("CCMC_SOURCE_DIR") or here / "source").resolve()
# A private bank has private releases; only the public masters fill the public folder.
release = here / "release" if source == here / "source" else course / "release"
course.mkdir(parents=True, exist_ok=True)

c = get_config()  # type: ignore[name-defined]  # noqa: F821
c.CourseDirectory.course_id = os.environ.get("CCMC_COURSE_ID") or "ccmc"
c.CourseDirectory.root = str(course)
c.CourseDirectory.source_directory = str(source)
c.CourseDirectory.release_directory = str(release)
c.CourseDirectory.db_url = f"sqlite:///{(course / 'gradebook.db').as_posix()}"

# nbgrader's own steps, and one of ours before each list.
c.Autograde.sanitize_preprocessors = [
    DataOfTheRoster,
    *Autograde.sanitize_preprocessors.default(),
]
c.GenerateFeedback.preprocessors = [
    HideHiddenTests,
    *GenerateFeedback.preprocessors.default(),
]

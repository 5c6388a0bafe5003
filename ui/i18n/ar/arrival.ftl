# رابط فُتح في مكان آخر. ترجمة آلية لم تُراجَع بعد.

arrival-invite = دعوة
arrival-invite-says = بهذه الدعوة ستتابع { $name }. هكذا يسمّي صاحبها نفسه: قارن ذلك بمن وصلتك منه.
arrival-invite-nothing = لم يحدث شيء بعد، ولن يعلم أحد أنك فتحتها.
arrival-invite-later = ليس الآن
